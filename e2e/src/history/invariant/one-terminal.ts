import type { HistoryEntry } from '../entry.ts';
import { framesOf, socketsIn, type SocketStory } from '../sockets.ts';

/** The edge's own timer after the plan's deadline (`edgeTimerMs`), and what a busy machine adds. Milliseconds. */
const latestMs = 5_000 + 5_000;

/** Each initialization that a user was told of ends with one frame, at the latest a moment after its deadline, while the socket lasts. */
export function oneTerminal(history: readonly HistoryEntry[]): string[] {
  return socketsIn(history).flatMap((story) => [...doubled(story), ...missing(story)]);
}

function terminals(story: SocketStory): { at: number; initialization: string }[] {
  return framesOf(story, 'initialization_completed', 'initialization_failed').flatMap(({ at, frame }) =>
    frame.initialization === undefined ? [] : [{ at, initialization: frame.initialization }],
  );
}

function doubled(story: SocketStory): string[] {
  const counts = Map.groupBy(terminals(story), ({ initialization }) => initialization);
  return [...counts]
    .filter(([, own]) => own.length > 1)
    .map(([id, own]) => `${story.socket} was told the end of initialization ${id} ${own.length} times`);
}

function missing(story: SocketStory): string[] {
  const ends = new Map(terminals(story).map(({ at, initialization }) => [initialization, at]));
  const untilAt = story.closedAt ?? story.endsAt;
  return framesOf(story, 'initialization_started').flatMap(({ at, frame }) => {
    const dueAt = at + frame.deadlineMs + latestMs;
    const endedAt = ends.get(frame.initialization);
    if (endedAt === undefined ? untilAt <= dueAt : endedAt <= dueAt) return [];
    const how = endedAt === undefined ? 'was never told' : `was told ${endedAt - dueAt} ms too late`;
    return [`${story.socket} ${how} how initialization ${frame.initialization} ended`];
  });
}
