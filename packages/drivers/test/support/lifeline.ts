import net, { type AddressInfo } from 'node:net';

type Member = { pid: number; label: string; gone: Promise<void> };

/**
 * Tells when processes are born and when they are dead: each holds a connection, which the operating system closes with it.
 */
export class Lifeline implements AsyncDisposable {
  readonly #server: net.Server;
  readonly #members: Member[] = [];
  readonly #sockets = new Set<net.Socket>();
  readonly #waiters = new Set<() => void>();

  private constructor(server: net.Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.on('error', () => socket.destroy());
      socket.once('data', (hello) => {
        const [pid, label = ''] = hello.toString().trim().split(' ');
        this.#members.push({ pid: Number(pid), label, gone });
        for (const wake of this.#waiters) wake();
      });
      socket.resume();
    });
  }

  static async open(): Promise<Lifeline> {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Lifeline(server);
  }

  /** A line of JavaScript that holds on to this lifeline. */
  hold(label: string): string {
    const { port } = this.#server.address() as AddressInfo;
    return `require('node:net').connect(${port}, '127.0.0.1', function () { this.write(process.pid + ' ${label}\\n'); });`;
  }

  /** The next member of that label that has not been asked for. */
  async member(label: string): Promise<Member> {
    for (;;) {
      const at = this.#members.findIndex((member) => member.label === label);
      if (at >= 0) return this.#members.splice(at, 1)[0] as Member;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiters.delete(wake);
          resolve();
        };
        this.#waiters.add(wake);
      });
    }
  }

  /** Who still holds on has nothing else to live for, and ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
