import type { HistoryEntry } from '../entry.ts';
import { sessionsIn } from '../sessions.ts';

/** The frames of a session come from one generation until the user is told of an interruption, and then of none that is older. */
export function oneGeneration(history: readonly HistoryEntry[]): string[] {
  const found: string[] = [];
  /** The highest generation that each edge handed frames of. */
  const seen = new Map<string, number>();
  const frames = sessionsIn(history).flatMap(({ socket, edge, frames: own }) =>
    own.map(({ at, frame }) => ({ at, frame, socket, edge })),
  );
  const current = new Map<string, number>();
  for (const { frame, socket, edge } of frames.toSorted((a, b) => a.at - b.at)) {
    if (frame.type === 'interrupted') current.delete(socket);
    if (frame.type !== 'message') continue;
    const { service, generation } = frame.origin;
    const before = current.get(socket);
    if (before !== undefined && before !== generation)
      found.push(`${socket} got frames of generation ${generation} after ${before} without an interruption`);
    const highest = seen.get(`${edge}/${service}`) ?? 0;
    // A session that began earlier may be a moment behind; one that begins may not.
    if (before === undefined && generation < highest)
      found.push(`${edge} let ${socket} in to generation ${generation} of ${service}, after ${highest}`);
    current.set(socket, generation);
    seen.set(`${edge}/${service}`, Math.max(highest, generation));
  }
  return found;
}
