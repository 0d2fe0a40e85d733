import { type EntryOf, entriesOf, type HistoryEntry } from '../entry.ts';
import { acceptedAtOf, sessionsIn } from '../sessions.ts';
import { framesOf, type SocketStory } from '../sockets.ts';

/** A message that was accepted was taken by the service, once, and is answered or named in `interrupted`; none vanishes. */
export function deliveredOnce(history: readonly HistoryEntry[]): string[] {
  const takes = Map.groupBy(entriesOf(history, 'take'), ({ session, id }) => `${session} ${id}`);
  return sessionsIn(history).flatMap((story) =>
    story.sent.flatMap(({ id }) => [...faults(story, id, takes.get(`${story.session} ${id}`) ?? [])]),
  );
}

function* faults(story: SocketStory, id: string, takes: readonly EntryOf<'take'>[]): Generator<string> {
  const what = `message ${id} of ${story.socket}`;
  const acceptedAt = acceptedAtOf(story, id);
  const refused = framesOf(story, 'rejected', 'error').some(({ frame }) => frame.id === id);
  const open = story.closedAt === undefined;

  const takers = new Set(takes.map(({ pid }) => pid));
  if (takes.length > takers.size) yield `${what} was delivered twice to one process`;
  // Who took it and died before it could say so leaves it undelivered as far as anybody knows: then it goes to the next.
  const again = takes.find(({ at }) => acceptedAt !== undefined && at > acceptedAt);
  if (again !== undefined && takers.size > 1) yield `${what} was delivered again after it was accepted`;

  if (acceptedAt !== undefined && takes.length === 0) yield `${what} was accepted, and no service took it`;
  if (acceptedAt === undefined && !refused && open) yield `${what} vanished: neither accepted nor rejected`;
  if (acceptedAt === undefined || !open) return;
  const answered = framesOf(story, 'message').some(({ frame }) => frame.re === id && frame.final === true);
  const interrupted = framesOf(story, 'interrupted').some(({ frame }) => frame.ids.includes(id));
  if (!answered && !interrupted) yield `${what} was accepted, and its answer vanished silently`;
}
