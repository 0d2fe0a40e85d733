import { entriesOf, type HistoryEntry } from '../entry.ts';
import { hashOf } from '../hash.ts';
import { sessionsIn } from '../sessions.ts';
import { framesOf } from '../sockets.ts';

/** What a user received was said by a service: in this session, by the generation that the frame names, and as often. */
export function authentic(history: readonly HistoryEntry[]): string[] {
  const left = new Map<string, number>();
  for (const { session, generation, hash } of entriesOf(history, 'emit')) {
    const key = `${session} ${generation} ${hash}`;
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  return sessionsIn(history).flatMap((story) =>
    framesOf(story, 'message').flatMap(({ frame }) => {
      const key = `${story.session} ${frame.origin.generation} ${hashOf(frame.data)}`;
      const count = left.get(key) ?? 0;
      left.set(key, count - 1);
      return count > 0 ? [] : [`${story.socket} got message ${frame.seq}, which no service said (so often)`];
    }),
  );
}
