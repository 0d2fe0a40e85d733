import { framesOf, socketsIn, type SocketStory, type TimedFrame } from './sockets.ts';
import type { HistoryEntry } from './entry.ts';

/**
 * The sessions of users: a socket that took a session up again goes on where the one before it ended. What the edge repeated to it is there
 * once; a repetition that says something else stays, for it is a fault.
 */
export function sessionsIn(history: readonly HistoryEntry[]): SocketStory[] {
  const stories: SocketStory[] = [];
  const latest = new Map<string, number>();
  for (const socket of socketsIn(history)) {
    const at = socket.session === undefined ? undefined : latest.get(socket.session);
    const before = at === undefined ? undefined : stories[at];
    if (at !== undefined && before !== undefined && isResumed(socket) && isSameUser(before, socket))
      stories[at] = goesOn(before, socket);
    else {
      if (socket.session !== undefined) latest.set(socket.session, stories.length);
      stories.push(socket);
    }
  }
  return stories;
}

/** Whether the edge has taken a message, by its `accepted` or by what it said when the session was taken up. The moment, epoch milliseconds. */
export function acceptedAtOf(story: SocketStory, id: string): number | undefined {
  const said = framesOf(story, 'accepted').find(({ frame }) => frame.id === id)?.at;
  if (said !== undefined) return said;
  // What it names covers all that was sent before, but for what was refused.
  if (framesOf(story, 'rejected').some(({ frame }) => frame.id === id)) return undefined;
  const order = story.sent.map((one) => one.id);
  return framesOf(story, 'welcome').find(
    ({ frame }) => frame.lastAccepted !== undefined && order.indexOf(frame.lastAccepted) >= order.indexOf(id),
  )?.at;
}

function goesOn(before: SocketStory, socket: SocketStory): SocketStory {
  const known = new Map(framesOf(before, 'message').map(({ frame }) => [frame.seq, JSON.stringify(frame)]));
  const isRepeated = ({ frame }: TimedFrame): boolean =>
    frame.type === 'message' && known.get(frame.seq) === JSON.stringify(frame);
  const sent = new Set(before.sent.map(({ id }) => id));
  return {
    ...before,
    frames: [...before.frames, ...socket.frames.filter((frame) => !isRepeated(frame))],
    // What was not accepted on the socket before is sent again under the same id.
    sent: [...before.sent, ...socket.sent.filter(({ id }) => !sent.has(id))],
    closedAt: socket.closedAt,
    endsAt: socket.endsAt,
  };
}

function isResumed(socket: SocketStory): boolean {
  return framesOf(socket, 'welcome').some(({ frame }) => frame.resumed);
}

function isSameUser(one: SocketStory, other: SocketStory): boolean {
  return one.user === other.user && one.tenant === other.tenant;
}
