import type { ServerFrame, ServerFrameOf } from '@reveille/contracts';
import { type EntryOf, entriesOf, type HistoryEntry } from './entry.ts';

export type TimedFrame = { readonly at: number; readonly frame: ServerFrame };

/** One socket of a user, put together from a history. */
export type SocketStory = Pick<EntryOf<'connect'>, 'socket' | 'edge' | 'user' | 'tenant'> & {
  readonly frames: readonly TimedFrame[];
  readonly sent: readonly EntryOf<'send'>[];
  /** When it closed; undefined when it was open at the end. */
  readonly closedAt: number | undefined;
  /** The end of the history. */
  readonly endsAt: number;
  readonly session: string | undefined;
};

export function socketsIn(history: readonly HistoryEntry[]): SocketStory[] {
  const frames = Map.groupBy(entriesOf(history, 'frame'), ({ socket }) => socket);
  const sent = Map.groupBy(entriesOf(history, 'send'), ({ socket }) => socket);
  const closed = new Map(entriesOf(history, 'close').map(({ socket, at }) => [socket, at]));
  const endsAt = history.at(-1)?.at ?? 0;
  return entriesOf(history, 'connect').map(({ socket, edge, user, tenant }) => {
    const own = frames.get(socket) ?? [];
    const welcome = own.find(({ frame }) => frame.type === 'welcome')?.frame;
    return {
      socket,
      edge,
      user,
      tenant,
      frames: own,
      sent: sent.get(socket) ?? [],
      closedAt: closed.get(socket),
      endsAt,
      session: welcome?.type === 'welcome' ? welcome.session : undefined,
    };
  });
}

export function framesOf<T extends ServerFrame['type']>(
  { frames }: Pick<SocketStory, 'frames'>,
  ...types: T[]
): { at: number; frame: ServerFrameOf<T> }[] {
  return frames.filter((one): one is { at: number; frame: ServerFrameOf<T> } =>
    types.some((type) => type === one.frame.type),
  );
}
