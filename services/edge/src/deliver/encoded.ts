import type { InitializationFrame, ServerFrame } from '@reveille/contracts';

/** A server frame as it goes onto the wire. One encoding serves every socket that gets it. */
export type Encoded = Buffer & { readonly encoded: true };

export function encode(frame: ServerFrame): Encoded {
  return Buffer.from(JSON.stringify(frame)) as Encoded;
}

/** Log lines of services are for the roles that an entrypoint names: the only difference between the audiences of a plan. */
export type Audience = 'with_log_tail' | 'without_log_tail';

/** Encodes when first asked, once for each audience, and once for both when the frame has nothing to hide. */
export function forAudiences(frame: InitializationFrame): (audience: Audience) => Encoded {
  let open: Encoded | undefined;
  let closed: Encoded | undefined;
  return (audience) => {
    const bare = audience === 'without_log_tail' ? withoutLogTail(frame) : frame;
    return bare === frame ? (open ??= encode(frame)) : (closed ??= encode(bare));
  };
}

function withoutLogTail(frame: InitializationFrame): InitializationFrame {
  if (!('failure' in frame) || frame.failure.logTail === undefined) return frame;
  const { logTail: _, ...failure } = frame.failure;
  return { ...frame, failure };
}
