import { type Entrypoint, refusalCodes, type RefusalCode } from '@reveille/contracts';
import type { Inbox } from './inbox.ts';
import type { Throttle } from './throttle.ts';

export type Admitted =
  | { readonly kind: 'held' }
  /** It was accepted before: that is said again. */
  | { readonly kind: 'accepted' }
  /** The same message is on its way: nothing is changed by it. */
  | { readonly kind: 'error'; readonly code: RefusalCode; readonly message: string }
  | { readonly kind: 'rejected'; readonly code: RefusalCode; readonly message: string; readonly retryAfterMs?: number };

type Into = { readonly entrypoint: Entrypoint; readonly throttle: Throttle; readonly inbox: Inbox };

/** Whether a message of the user is held for the service: how often, how large, of which kind, and how many are held already. */
export function admitMessage(id: string, data: unknown, { entrypoint, throttle, inbox }: Into): Admitted {
  const retryAfterMs = throttle.message();
  if (retryAfterMs !== undefined) return { ...rejected('rate_limited'), retryAfterMs };
  if (entrypoint.frames === 'text' && typeof data !== 'string')
    return rejected('bad_frame', 'Messages to this entrypoint are texts.');
  const encoded = JSON.stringify(data);
  if (Buffer.byteLength(encoded) > entrypoint.limits.messageBytes) return rejected('too_large');
  const offered = inbox.offer(id, encoded);
  switch (offered) {
    case 'held':
    case 'accepted':
      return { kind: offered };
    case 'duplicate_in_flight':
      return { kind: 'error', code: offered, message: refusalCodes[offered] };
    case 'too_many':
      return rejected(offered);
  }
}

/** Whether a message was refused because there was too much of something. */
export function isLimit(code: RefusalCode): boolean {
  return code === 'too_large' || code === 'too_many' || code === 'rate_limited';
}

function rejected(code: RefusalCode, message: string = refusalCodes[code]) {
  return { kind: 'rejected' as const, code, message };
}
