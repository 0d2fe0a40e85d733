import type { Upstream } from '../upstream/upstream.ts';
import type { Session } from './session.ts';
import type { TalkEnd } from './talk.ts';

/**
 * Of a session that is continued: what an edge before had accepted is answered by the service if it is the generation that has it, knows the
 * session still and numbers what it says; else nobody can tell, and the user is told that.
 */
export function nameLost(session: Session, { speaks, record, isNew }: Upstream): void {
  const { from, inbox, outbox } = session;
  session.from = undefined;
  if (from === undefined) return;
  const goesOn = speaks === 'v1' && !isNew;
  const answered = from.unanswered.filter(({ generation }) => goesOn && generation === record.generation);
  const expected = new Set(answered.map(({ id }) => id));
  const ids = inbox.takeUnanswered((id) => !expected.has(id));
  if (ids.length > 0) outbox.send({ type: 'interrupted', reason: 'service_lost', ids });
}

/**
 * Names what may never be answered. What the service had not taken goes to the next connection; what was on its way to a
 * bare upstream may have arrived or not, and is never sent twice.
 */
export function interrupt(
  session: Session,
  { why }: TalkEnd,
  { speaks, quiet }: { speaks: Upstream['speaks']; quiet: boolean },
): void {
  const { inbox, outbox } = session;
  // The service keeps the session, and is only told anew whose it is.
  if (why === 'roles_changed' && speaks === 'v1') return inbox.returnSent();
  const ids = inbox.takeUnanswered();
  // A quiet session misses nothing when its service is stopped, unless an answer is still to come.
  if (!quiet || ids.length > 0)
    outbox.send({ type: 'interrupted', reason: why === 'lost' ? 'service_lost' : why, ids });
  if (speaks === 'bare') for (const id of inbox.refuseSent()) session.reject(id, 'service_lost');
  inbox.returnSent();
}
