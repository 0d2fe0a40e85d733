import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

type Request = { socket: Socket; words: string[] };

/** A sentinel that says of one primary what a test wants it to say, when it wants it. It speaks RESP 2, as much of it as ioredis asks. */
export class ScriptedSentinel implements AsyncDisposable {
  readonly #server = createServer((socket) => this.#accept(socket));
  readonly #primaryPort: number;
  readonly #sockets = new Set<Socket>();
  readonly #subscribers = new Set<Socket>();
  readonly #held: Request[] = [];
  #isSilent = false;

  private constructor(primaryPort: number) {
    this.#primaryPort = primaryPort;
  }

  static async listen(primaryPort: number): Promise<ScriptedSentinel> {
    const sentinel = new ScriptedSentinel(primaryPort);
    sentinel.#server.listen(0, '127.0.0.1');
    await once(sentinel.#server, 'listening');
    return sentinel;
  }

  get url(): string {
    const address = this.#server.address();
    return `redis-sentinel://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/main`;
  }

  get subscribers(): number {
    return this.#subscribers.size;
  }

  /** Questions that wait for an answer. */
  get held(): number {
    return this.#held.length;
  }

  /** It takes connections and answers nothing, until it speaks again. */
  fallSilent(): void {
    this.#isSilent = true;
  }

  speak(): void {
    this.#isSilent = false;
    for (const request of this.#held.splice(0)) this.#answer(request);
  }

  tellOfSwitch(): void {
    for (const socket of this.#subscribers) socket.write(arrayOf('message', '+switch-master', 'main x 1 y 2'));
  }

  cutSubscribers(): void {
    for (const socket of this.#subscribers) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#subscribers.delete(socket);
    });
    // What ioredis writes at once comes at once on this host.
    socket.on('data', (data) => {
      for (const words of requestsIn(String(data))) {
        if (this.#isSilent) this.#held.push({ socket, words });
        else this.#answer({ socket, words });
      }
    });
  }

  #answer({ socket, words }: Request): void {
    const [command = '', sub = ''] = words.map((word) => word.toLowerCase());
    if (command === 'subscribe') {
      this.#subscribers.add(socket);
      socket.write(`*3\r\n$9\r\nsubscribe\r\n${bulk(sub)}:1\r\n`);
    } else if (command === 'sentinel' && sub === 'get-master-addr-by-name')
      socket.write(arrayOf('127.0.0.1', String(this.#primaryPort)));
    else if (command === 'sentinel') socket.write('*0\r\n');
    else socket.write('+OK\r\n');
  }
}

function requestsIn(text: string): string[][] {
  return text
    .split(/\*\d+\r\n/)
    .filter((request) => request !== '')
    .map((request) => request.split('\r\n').filter((_, index) => index % 2 === 1));
}

function bulk(word: string): string {
  return `$${Buffer.byteLength(word)}\r\n${word}\r\n`;
}

function arrayOf(...words: string[]): string {
  return `*${words.length}\r\n${words.map(bulk).join('')}`;
}
