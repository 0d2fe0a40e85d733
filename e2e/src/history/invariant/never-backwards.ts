import type { HistoryEntry } from '../entry.ts';
import { sessionsIn } from '../sessions.ts';
import { framesOf, socketsIn, type SocketStory } from '../sockets.ts';

/** Numbers of messages, generations, what is completed, and the time of an initialization only go on. */
export function neverBackwards(history: readonly HistoryEntry[]): string[] {
  return [
    ...sessionsIn(history).flatMap((story) => [...misnumbered(story)]),
    ...socketsIn(history).flatMap((story) => [...backwards(story)]),
  ];
}

function* misnumbered(story: SocketStory): Generator<string> {
  let seq = 0;
  for (const { frame } of framesOf(story, 'message')) {
    if (frame.seq !== seq + 1) yield `${story.socket} got message ${frame.seq} after ${seq}`;
    seq = frame.seq;
  }
}

function* backwards({ socket, frames }: SocketStory): Generator<string> {
  let elapsedMs = 0;
  const generations = new Map<string, number>();
  const completed = new Map<string, number>();
  for (const { frame } of frames) {
    if ('elapsedMs' in frame) {
      if (frame.type === 'initialization_started') elapsedMs = 0;
      if (frame.elapsedMs < elapsedMs) yield `${socket}: the time of an initialization fell to ${frame.elapsedMs} ms`;
      const isOver = frame.type === 'initialization_completed' || frame.type === 'initialization_failed';
      elapsedMs = isOver ? 0 : frame.elapsedMs;
    }
    if (frame.type !== 'service_initializing' && frame.type !== 'service_completed' && frame.type !== 'service_failed')
      continue;
    const { service, generation } = frame;
    const before = generations.get(service) ?? 0;
    if (generation < before) yield `${socket} was shown generation ${generation} of ${service} after ${before}`;
    generations.set(service, generation);
    if (frame.type === 'service_completed') completed.set(service, generation);
    else if (frame.type === 'service_initializing' && completed.get(service) === generation)
      yield `${socket} was shown ${service} starting after it was completed, generation ${generation}`;
  }
}
