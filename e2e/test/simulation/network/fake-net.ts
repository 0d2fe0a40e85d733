/** Stands in for `node:net`: whoever looks whether something listens at an address looks into the simulated network. */
import { EventEmitter } from 'node:events';
import net from 'node:net';
import { sleep } from '@reveille/lifecycle';
import type { Latency } from './end.ts';

export * from 'node:net';

type Listening = { readonly latency: Latency; isAt(port: number): boolean };
let listening: Listening | undefined;

export function listenAsIn(of: Listening): void {
  listening = of;
}

class Connection extends EventEmitter {
  readonly localPort = 0;
  readonly remotePort: number;
  #isOver = false;

  constructor(port: number, signal: AbortSignal) {
    super();
    this.remotePort = port;
    signal.addEventListener('abort', () => this.#fail('ABORT_ERR'), { once: true });
    void this.#connect(port);
  }

  destroy(): void {
    this.#isOver = true;
  }

  async #connect(port: number): Promise<void> {
    const of = listening;
    await sleep(of?.latency() ?? 0);
    if (!of?.isAt(port)) this.#fail('ECONNREFUSED');
    else if (!this.#isOver) this.emit('connect');
  }

  #fail(code: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.emit('error', Object.assign(new Error(code), { code }));
  }
}

export function connect({ port, signal }: { port: number; signal: AbortSignal }): Connection {
  return new Connection(port, signal);
}

export default { ...net, connect };
