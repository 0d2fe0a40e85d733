import { createHmac } from 'node:crypto';
import type { WebhookEvent } from '@reveille/contracts';
import { WebhookRefused } from '@reveille/orchestration';

/** Where events go and what they are signed with: settings of this process, which never enter a job or a log line. */
export type Receiver = { url: string; secret: string };

/** A receiver that has not answered within this time is tried again later, milliseconds. */
export const answerMs = 10_000;

/**
 * One POST of one event. The signature is over `TIMESTAMP.BODY`, so that neither can be changed and an old one can be told from a new one:
 * `reveille-signature: t=SECONDS,v1=HEX(HMAC-SHA256(secret, "SECONDS.BODY"))`.
 *
 * The address comes from the settings alone: nothing of a user, a service or the catalog is in it. Redirects are not followed, since
 * they would let the receiver choose an address within our network, and of the answer only the status is read.
 * @throws Error when it is not taken (any answer but 2xx)
 */
export async function deliver(event: WebhookEvent, receiver: Receiver, signal: AbortSignal): Promise<void> {
  const body = JSON.stringify(event);
  const response = await fetch(receiver.url, {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'reveille-webhook/1',
      'reveille-event': event.event,
      'reveille-delivery': event.id,
      'reveille-signature': signatureOf(body, receiver.secret, Math.floor(Date.now() / 1000)),
    },
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
  });
  await response.body?.cancel();
  // "The target resource is no longer available" (RFC 9110, section 15.5.11): the only answer after which nothing is tried again.
  if (response.status === 410) throw new WebhookRefused('the receiver answered 410: it is gone');
  if (!response.ok) throw new Error(`the receiver answered ${response.status}`);
}

/** @param at seconds since the epoch */
export function signatureOf(body: string, secret: string, at: number): string {
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;
}
