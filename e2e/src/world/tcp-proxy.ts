import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

type Way = 'up' | 'down';
/** Milliseconds for each piece, each way. */
type Delay = () => number;

/** One connection through the proxy, and what waits in it. */
type Pair = { readonly up: Socket; readonly down: Socket; upLast: Promise<unknown>; downLast: Promise<unknown> };

/**
 * A TCP proxy in this process, between one client and one server, that does to connections what networks do: delays them, cuts
 * them, leaves them half open (bytes are swallowed, no end is told), slices what it passes on, and resets.
 */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #target: () => number;
  readonly #pairs = new Set<Pair>();
  #state: 'open' | 'cut' | 'silent' = 'open';
  #delay: Delay | undefined;
  #sliceBytes = 0;
  #trap: { pattern: string; holds: Way; sprung: PromiseWithResolvers<void> } | undefined;
  #sprung: Pair | undefined;
  /** Connections that were ended by a fault, pieces that were delayed, sliced or swallowed. */
  readonly counts = { ended: 0, delayed: 0, sliced: 0, swallowed: 0, refused: 0 };

  private constructor(target: () => number) {
    this.#target = target;
    this.#server = createServer((down) => this.#join(down));
  }

  /** @param target port of the server behind, asked at each connection */
  static async before(target: () => number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections and lets none in. */
  cut(): void {
    this.#state = 'cut';
    this.reset();
  }

  /** Connections stay, and new ones are accepted; nothing gets through and nobody is told. */
  halfOpen(): void {
    this.#state = 'silent';
  }

  /** As if nothing had been. What was swallowed is gone, so that connections are reset if anything was: else they would be out of step. */
  heal(): void {
    if (this.#state === 'silent' || this.#sprung !== undefined) this.reset();
    [this.#state, this.#delay, this.#sliceBytes, this.#trap, this.#sprung] = [
      'open',
      undefined,
      0,
      undefined,
      undefined,
    ];
  }

  /** Ends each connection with a reset. */
  reset(): void {
    for (const { up, down } of this.#pairs) {
      this.counts.ended += 1;
      down.resetAndDestroy();
      up.resetAndDestroy();
    }
    this.#pairs.clear();
  }

  delay(delay: Delay): void {
    this.#delay = delay;
  }

  /** Passes on at most so many bytes at once, so that every reader meets partial frames. */
  slice(bytes: number): void {
    this.#sliceBytes = bytes;
  }

  /**
   * Waits for this text on the way to the server. `down`: the piece that holds it still gets there, but no answer comes back on any
   * connection. `up`: that piece and what follows never arrive. Resolves when the trap has sprung.
   */
  holdAfter(pattern: string, holds: Way): Promise<void> {
    this.#trap = { pattern, holds, sprung: Promise.withResolvers() };
    return this.#trap.sprung.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(down: Socket): void {
    if (this.#state === 'cut') {
      this.counts.refused += 1;
      down.resetAndDestroy();
      return;
    }
    const up = connect({ host: '127.0.0.1', port: this.#target(), noDelay: true });
    down.setNoDelay(true);
    const pair: Pair = { up, down, upLast: Promise.resolve(), downLast: Promise.resolve() };
    this.#pairs.add(pair);
    const over = (): void => {
      this.#pairs.delete(pair);
      up.destroy();
      down.destroy();
    };
    for (const socket of [up, down]) socket.on('error', over).once('close', over);
    down.on('data', (bytes) => this.#pass(pair, 'up', bytes));
    up.on('data', (bytes) => this.#pass(pair, 'down', bytes));
  }

  #pass(pair: Pair, way: Way, bytes: Buffer): void {
    const trap = this.#trap;
    if (trap !== undefined && way === 'up' && this.#sprung === undefined && bytes.includes(trap.pattern)) {
      this.#sprung = pair;
      if (trap.holds === 'down') return void pair.up.write(bytes);
      this.counts.swallowed += 1;
      return trap.sprung.resolve();
    }
    if (this.#state === 'silent' || (this.#sprung !== undefined && trap?.holds === way)) {
      this.counts.swallowed += 1;
      // The answer itself proves that the piece has arrived.
      if (this.#sprung === pair) trap?.sprung.resolve();
      return;
    }
    const delay = this.#delay?.();
    const to = way === 'up' ? pair.up : pair.down;
    if (delay === undefined && this.#sliceBytes === 0) return void to.write(bytes);
    // What is later never overtakes what is earlier, and waits for itself alone: a slow way, not a narrow one.
    const wait = delay === undefined ? undefined : new Promise((resolve) => setTimeout(resolve, delay));
    pair[way === 'up' ? 'upLast' : 'downLast'] = Promise.all([pair[way === 'up' ? 'upLast' : 'downLast'], wait]).then(
      () => this.#write(to, bytes),
    );
    if (delay !== undefined) this.counts.delayed += 1;
  }

  async #write(to: Socket, bytes: Buffer): Promise<void> {
    const size = this.#sliceBytes || bytes.length;
    for (let at = 0; at < bytes.length; at += size) {
      if (to.destroyed) return;
      to.write(bytes.subarray(at, at + size));
      if (this.#sliceBytes === 0) continue;
      this.counts.sliced += 1;
      // A turn of the loop between the pieces, so that they leave as packets of their own.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
