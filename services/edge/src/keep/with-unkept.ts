import type { ResumedSession } from '@reveille/orchestration';

/**
 * What an edge accepted while it was cut off from the store, as the client of the session says; the session with it. The store's last
 * generation had it, or a later one: should that one serve still, no other can have had it.
 */
export function withUnkept(session: ResumedSession, unanswered: readonly string[]): ResumedSession {
  const { accepted, generation = 0 } = session;
  const known = new Set(accepted);
  const unkept = unanswered.filter((id) => !known.has(id));
  return {
    ...session,
    accepted: [...accepted, ...unkept],
    unanswered: [...session.unanswered, ...unkept.map((id) => ({ id, generation }))],
  };
}
