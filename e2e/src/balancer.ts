import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A balancer without stickiness, as in front of real edges: each connection goes to the next one that takes it. */
export class Balancer implements AsyncDisposable {
  readonly url: string;
  readonly #server;
  readonly #sockets = new Set<Socket>();
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
