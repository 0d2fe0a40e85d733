import { launchRedis, type LaunchRedisOptions, type LocalRedis } from '@reveille/broker/server';
import { Redis } from 'ioredis';

export type RedisOf = Pick<LaunchRedisOptions, 'persist' | 'args'>;

/** The Redis of a world: can be killed, started again on its port, and spoken to past all faults. */
export class WorldRedis implements AsyncDisposable {
  readonly #dir: string;
  readonly #of: RedisOf;
  #server: LocalRedis;
  #admin: Redis | undefined;

  private constructor(dir: string, of: RedisOf, server: LocalRedis) {
    this.#dir = dir;
    this.#of = of;
    this.#server = server;
  }

  static async start(dir: string, of: RedisOf = {}): Promise<WorldRedis> {
    const options = { persist: true, ...of };
    return new WorldRedis(dir, options, await launchRedis({ dir, ...options }));
  }

  get url(): string {
    return this.#server.url;
  }

  get port(): number {
    return this.#server.port;
  }

  get pid(): number {
    return this.#server.pid;
  }

  /** Redis by hand. Its connection returns by itself. */
  get admin(): Redis {
    if (this.#admin === undefined) {
      this.#admin = new Redis(this.port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null });
      // Redis is away as often as a row wants it.
      this.#admin.on('error', () => undefined);
    }
    return this.#admin;
  }

  async kill(): Promise<void> {
    process.kill(this.pid, 'SIGKILL');
    await this.#server.exited;
  }

  async restart(args = this.#of.args ?? []): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    this.#server = await launchRedis({ ...this.#of, dir: this.#dir, port: this.port, args });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#admin?.disconnect();
    await this.#server[Symbol.asyncDispose]();
  }
}
