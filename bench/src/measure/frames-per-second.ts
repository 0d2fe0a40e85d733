import type { WebSocket } from 'ws';

/** Messages under way on each socket: enough that nobody waits for the other side, few enough that nothing piles up. */
const window = 16;

/** One exchange on an open socket: what is sent, and whether a frame that comes ends it. */
export type Exchange = {
  /** The next message as text. */
  next(): string;
  /** Does this frame end one exchange? @throws Error on one that says that there will be no answer */
  ends(text: string): boolean;
};

/** Exchanges per second that a set of sockets reaches, all of them busy. */
export async function exchangesPerSecond(
  sockets: readonly WebSocket[],
  exchange: Exchange,
  forMs: number,
): Promise<number> {
  let done = 0;
  let over = false;
  const broken = Promise.withResolvers<never>();
  const hear = (socket: WebSocket) => (data: Buffer) => {
    try {
      if (!exchange.ends(String(data))) return;
      done += 1;
      if (!over) socket.send(exchange.next());
    } catch (error) {
      broken.reject(error);
    }
  };
  const listeners = sockets.map((socket) => [socket, hear(socket)] as const);
  for (const [socket, listener] of listeners) socket.on('message', listener);
  const began = performance.now();
  for (const socket of sockets) for (let sent = 0; sent < window; sent += 1) socket.send(exchange.next());
  await Promise.race([new Promise((resolve) => setTimeout(resolve, forMs)), broken.promise]);
  const perSecond = (done / (performance.now() - began)) * 1000;
  over = true;
  // What is under way comes home before the next one measures.
  await drained(() => done);
  for (const [socket, listener] of listeners) socket.off('message', listener);
  return perSecond;
}

/** Milliseconds of one exchange on a socket that does nothing else. */
export async function oneExchange(socket: WebSocket, exchange: Exchange): Promise<number> {
  const ended = Promise.withResolvers<void>();
  const hear = (data: Buffer): void => {
    try {
      if (exchange.ends(String(data))) ended.resolve();
    } catch (error) {
      ended.reject(error);
    }
  };
  socket.on('message', hear);
  const began = performance.now();
  socket.send(exchange.next());
  await ended.promise;
  const took = performance.now() - began;
  socket.off('message', hear);
  return took;
}

const quietMs = 30;

async function drained(count: () => number): Promise<void> {
  for (let before = -1; before !== count();) {
    before = count();
    await new Promise((resolve) => setTimeout(resolve, quietMs));
  }
}
