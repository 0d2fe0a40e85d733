import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A balancer without stickiness, as in front of real edges: each connection goes to the next one that takes it. */
export class Balancer implements AsyncDisposable {
  readonly url: string;
  readonly #server;
  readonly #sockets = new Set<Socket>();
  /** Client's side of each connection that stands, and the port of its edge. */
  readonly #pairs = new Map<Socket, number>();
  #ports: readonly number[] = [];
  #turn = 0;

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket) => void this.#serve(this.#hold(socket)));
  }

  static async listen(): Promise<Balancer> {
    const server = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Balancer(server);
  }

  /** Where connections go from now on; those that stand stay. */
  use(urls: readonly string[]): void {
    this.#ports = urls.map((url) => Number(new URL(url).port));
  }

  /** Cuts a connection that stands, any of them, without a word to either side. False: there is none. */
  cutOne(): boolean {
    const standing = [...this.#pairs.keys()];
    const one = standing[Math.floor(Math.random() * standing.length)];
    one?.destroy();
    return one !== undefined;
  }

  /** Resolves when no connection that goes to this port now stands any more, with when each ended (`performance.now()`). */
  closesOf(port: number): Promise<number[]> {
    const there = [...this.#pairs].filter(([, of]) => of === port);
    const ends = there.map(
      ([client]) => new Promise<number>((resolve) => client.once('close', () => resolve(performance.now()))),
    );
    return Promise.all(ends);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(client: Socket): Promise<void> {
    for (let tries = this.#ports.length; tries > 0; tries -= 1) {
      const port = this.#ports[this.#turn++ % this.#ports.length] ?? 0;
      const edge = await this.#open(port);
      if (edge === undefined) continue;
      client.pipe(edge).pipe(client);
      this.#pairs.set(client, port);
      client.once('close', () => this.#pairs.delete(client));
      for (const [one, other] of [
        [client, edge],
        [edge, client],
      ] as const)
        one.once('close', () => other.destroy());
      return void client.resume();
    }
    client.destroy();
  }

  #open(port: number): Promise<Socket | undefined> {
    const socket = this.#hold(connect({ port, host: '127.0.0.1' }));
    return new Promise((resolve) => {
      socket.once('connect', () => resolve(socket));
      socket.once('close', () => resolve(undefined));
    });
  }

  #hold(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}
