import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Handshakes at once: as many as the listen queue of a server takes. */
const atOnce = 50;
const deadlineMs = 60_000;
const ping = Buffer.from('{"type":"ping"');

/** Many sockets that are told the same. */
export class Crowd implements AsyncDisposable {
  readonly #sockets: WebSocket[] = [];
  #hear: (data: Buffer) => void = () => undefined;

  /** @param hello what the nth of them says first, and the frame that it waits for then */
  static async gather(of: {
    url: string;
    protocols: string[];
    size: number;
    hello?: { frame: (index: number) => string; answer: string };
    signal: AbortSignal;
  }): Promise<Crowd> {
    const crowd = new Crowd();
    try {
      for (let first = 0; first < of.size; first += atOnce) {
        of.signal.throwIfAborted();
        const some = Array.from({ length: Math.min(atOnce, of.size - first) }, (_, at) => first + at);
        await Promise.all(some.map((index) => crowd.#open(of, index)));
      }
      return crowd;
    } catch (error) {
      await crowd[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Has something said, and waits until every socket has heard of it.
   * @param phase what only that frame holds
   * @returns milliseconds from the frame's own `at` (epoch) to the last socket, and the bytes of the frame
   */
  async told(phase: string, say: () => void): Promise<{ ms: number; bytes: number }> {
    const all = Promise.withResolvers<{ ms: number; bytes: number }>();
    const mark = Buffer.from(`"${phase}"`);
    let left = this.#sockets.length;
    this.#hear = (data) => {
      if (!data.includes(mark) || (left -= 1) > 0) return;
      const { at } = JSON.parse(objectIn(String(data))) as { at: number };
      all.resolve({ ms: Date.now() - at, bytes: data.length });
    };
    const late = setTimeout(() => all.reject(new Error(`${left} sockets did not hear of ${phase}`)), deadlineMs);
    try {
      say();
      return await all.promise;
    } finally {
      clearTimeout(late);
      this.#hear = () => undefined;
    }
  }

  /** How many of them are open. */
  get open(): number {
    return this.#sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#sockets.map(async (socket) => {
        if (socket.readyState === WebSocket.CLOSED) return;
        const closed = once(socket, 'close');
        socket.close(1000);
        await closed;
      }),
    );
  }

  async #open({ url, protocols, hello }: Parameters<typeof Crowd.gather>[0], index: number): Promise<void> {
    const socket = new WebSocket(url, protocols, { perMessageDeflate: false });
    this.#sockets.push(socket);
    await once(socket, 'open');
    const answered = Promise.withResolvers<void>();
    socket.on('message', (data: Buffer) => {
      if (data.subarray(0, ping.length).equals(ping)) socket.send('{"type":"pong"}');
      else if (hello !== undefined && data.includes(hello.answer)) answered.resolve();
      this.#hear(data);
    });
    if (hello === undefined) return;
    socket.once('close', (code) => answered.reject(new Error(`a socket was closed with ${code}`)));
    answered.promise.catch(() => undefined);
    socket.send(hello.frame(index));
    await answered.promise;
  }
}

/** Some protocols put something around what they carry. */
function objectIn(text: string): string {
  return text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
}
