import { createInterface } from 'node:readline';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** `1700000000.1 [0 127.0.0.1:40000] "HGET" "key"`, and `[0 lua]` for what the script of the line before calls. */
const line = /^\+[\d.]+ \[\d+ (\S+)\] "([^"]+)"(?: "([^"]*)")?/;
/** Commands whose second word is a command of its own in an ACL. */
const containers = new Set(['client', 'cluster', 'xgroup', 'xinfo', 'script', 'config']);

/** Which commands each user of a Redis sends, scripts included, as MONITOR tells. */
export class CommandUsage implements Disposable {
  readonly #socket: Socket;
  readonly #byAddress = new Map<string, Set<string>>();
  #sender = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on('line', (text) => this.#take(text));
  }

  /** Resolves when every further command is seen. `password` is that of the user `default`. */
  static async watch(port: number, password: string): Promise<CommandUsage> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`AUTH ${password}\r\nMONITOR\r\n`);
    await once(socket, 'data');
    return new CommandUsage(socket);
  }

  /** `users`: address of a client → its user, of all that were ever connected. */
  byUser(users: ReadonlyMap<string, string>): Map<string, Set<string>> {
    const result = new Map<string, Set<string>>();
    for (const [address, commands] of this.#byAddress) {
      const user = users.get(address);
      if (user === undefined) continue;
      result.set(user, (result.get(user) ?? new Set()).union(commands));
    }
    return result;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    const [, from = '', name = '', next = ''] = line.exec(text) ?? [];
    if (name === '') return;
    if (from !== 'lua') this.#sender = from;
    const command = name.toLowerCase();
    const said = containers.has(command) ? `${command}|${next.toLowerCase()}` : command;
    const known = this.#byAddress.get(this.#sender) ?? new Set();
    this.#byAddress.set(this.#sender, known.add(said));
  }
}
