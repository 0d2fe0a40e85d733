import type { ServerFrame } from '@reveille/contracts';
import { Feed } from './feed.ts';

export type FrameOf<T extends ServerFrame['type'] | '*'> = T extends '*'
  ? ServerFrame
  : Extract<ServerFrame, { type: T }>;
export type FrameListener<T extends ServerFrame['type'] | '*'> = (frame: FrameOf<T>) => void;

/** Frames that one iteration of `frames()` may fall behind. */
const feedFrames = 4096;

/** Everybody who wants to see frames. */
export class FrameListeners {
  readonly #byType = new Map<string, Set<(frame: ServerFrame) => void>>();
  readonly #feeds = new Set<Feed<ServerFrame>>();

  on<T extends ServerFrame['type'] | '*'>(type: T, listener: FrameListener<T>): () => void {
    const listeners = this.#byType.get(type) ?? new Set();
    this.#byType.set(type, listeners);
    const call = (frame: ServerFrame): void => {
      if (isOf(frame, type)) listener(frame);
    };
    listeners.add(call);
    return () => listeners.delete(call);
  }

  frames(): Feed<ServerFrame> {
    const feed: Feed<ServerFrame> = new Feed(feedFrames, () => this.#feeds.delete(feed));
    this.#feeds.add(feed);
    return feed;
  }

  /** A frame of the wire: to everybody. */
  tell(frame: ServerFrame): void {
    for (const feed of this.#feeds) feed.push(frame);
    this.tellListeners(frame.type, frame);
    this.tellListeners('*', frame);
  }

  tellListeners(type: ServerFrame['type'] | '*', frame: ServerFrame): void {
    for (const listener of [...(this.#byType.get(type) ?? [])]) {
      try {
        listener(frame);
      } catch (error) {
        // As an event target does: the fault is the application's and uncaught there, others still hear the frame.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  end(): void {
    for (const feed of this.#feeds) feed.end();
    this.#feeds.clear();
  }
}

function isOf<T extends ServerFrame['type'] | '*'>(frame: ServerFrame, type: T): frame is FrameOf<T> {
  return type === '*' || frame.type === type;
}
