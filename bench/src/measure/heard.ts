import { once } from 'node:events';
import { clientSubprotocol } from '@reveille/contracts';
import { sleep } from '@reveille/lifecycle';
import { WebSocket } from 'ws';

type Listener = { socket: WebSocket; steps: Set<string>; lastAt: number; gapMs: number };

/** Users who wait for one start, and what each of them is told of it, step by step. */
export class Heard implements AsyncDisposable {
  /** Frames that told a socket of a step that it had heard of before. */
  doubled = 0;
  frames = 0;
  readonly #all: Listener[] = [];

  static async gather({ url, size, signal }: { url: string; size: number; signal: AbortSignal }): Promise<Heard> {
    const heard = new Heard();
    try {
      for (let index = 0; index < size; index += 1) {
        signal.throwIfAborted();
        await heard.#open(url, index);
      }
      return heard;
    } catch (error) {
      await heard[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** From now on silences count. */
  begin(): void {
    for (const one of this.#all) [one.lastAt, one.gapMs] = [performance.now(), 0];
  }

  /** The longest time that any socket was told nothing since `begin`, milliseconds. */
  get longestGapMs(): number {
    return Math.max(...this.#all.map(({ gapMs }) => gapMs));
  }

  /** Resolves when every socket has heard of this step. */
  async all(step: string, signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + 20_000;
    while (this.#all.some(({ steps }) => !steps.has(step))) {
      if (performance.now() > deadline) {
        const deaf = this.#all.filter(({ steps }) => !steps.has(step)).length;
        throw new Error(`${deaf} sockets never heard of ${step}`);
      }
      await sleep(20, signal);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#all.map(async ({ socket }) => {
        if (socket.readyState === WebSocket.CLOSED) return;
        const closed = once(socket, 'close');
        socket.close(1000);
        await closed;
      }),
    );
  }

  async #open(url: string, index: number): Promise<void> {
    const socket = new WebSocket(url, [clientSubprotocol], { perMessageDeflate: false });
    const one: Listener = { socket, steps: new Set(), lastAt: performance.now(), gapMs: 0 };
    this.#all.push(one);
    await once(socket, 'open');
    const begun = Promise.withResolvers<void>();
    socket.once('close', (code) => begun.reject(new Error(`a socket was closed with ${code}`)));
    begun.promise.catch(() => undefined);
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as { type: string; phase?: string };
      if (frame.type === 'ping') socket.send('{"type":"pong"}');
      if (frame.type === 'initialization_started') begun.resolve();
      if (frame.type === 'service_initializing' && frame.phase?.startsWith('step ')) this.#hear(one, frame.phase);
    });
    const as = { user: `user-${index}`, tenant: 'bench' };
    socket.send(JSON.stringify({ type: 'hello', as, client: { name: 'bench', version: '1' } }));
    await begun.promise;
  }

  #hear(one: Listener, step: string): void {
    const now = performance.now();
    this.frames += 1;
    if (one.steps.has(step)) this.doubled += 1;
    one.steps.add(step);
    one.gapMs = Math.max(one.gapMs, now - one.lastAt);
    one.lastAt = now;
  }
}
