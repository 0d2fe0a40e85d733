import { BrokerUnavailable } from '@reveille/orchestration';
import { interval, sleep } from '@reveille/lifecycle';
import type { BrokerLogger } from '../logger.ts';
import { describeAddress, type RedisAddress } from './address.ts';
import { Availability, commandTimeoutMs } from './availability.ts';
import { Connections, type RedisClient, type Role } from './open.ts';
import { isLastingRefusal, refusalWords } from './refusal.ts';
import { runScript, type Script } from './script.ts';

/** A call that finds the connection lost waits so long for it to return, if it was lost less long ago (ms). */
const blipMs = 1000;
/** Pause between two heartbeats (ms). */
const heartbeatMs = 1000;
/** How long the first connection may take (ms). */
const connectDeadlineMs = 4000;

/** One process's way to Redis: the connections, what is known of Redis's health, and the mapping of its failures. */
export class Link implements AsyncDisposable {
  readonly availability = new Availability();
  readonly connections: Connections;
  readonly commands: RedisClient;
  readonly #address: RedisAddress;
  readonly #logger: BrokerLogger;
  #heartbeat: AsyncDisposable | undefined;
  #closed = false;

  constructor(address: RedisAddress, logger: BrokerLogger, name?: string) {
    this.#address = address;
    this.#logger = logger;
    this.connections = new Connections(address, name);
    this.commands = this.connections.open('commands');
  }

  /**
   * Waits for the first connection.
   * @throws BrokerUnavailable after 4 seconds, or at once when credentials or certificate are refused.
   */
  async connected(): Promise<void> {
    let last: unknown;
    const refused = Promise.withResolvers<never>();
    refused.promise.catch(() => undefined);
    const onError = (error: unknown): void => {
      last = error;
      if (isLastingRefusal(error)) refused.reject(error);
    };
    this.commands.on('error', onError);
    using hidden = this.connections.hiddenErrors(this.commands);
    try {
      if (await Promise.race([this.#readyWithin(connectDeadlineMs), refused.promise])) return;
      throw last;
    } catch (error) {
      const words =
        refusalWords(hidden.last()) ?? refusalWords(error) ?? `Redis did not answer within ${connectDeadlineMs} ms`;
      throw new BrokerUnavailable(`${words} (${describeAddress(this.#address)})`, { cause: error });
    } finally {
      this.commands.off('error', onError);
    }
  }

  /** Proves each second that Redis takes writes, by a write that changes nothing. */
  startHeartbeat(write: (client: RedisClient) => Promise<unknown>): void {
    this.#heartbeat = interval(heartbeatMs, () => this.run(write), {
      onError: (error) => {
        if (!(error instanceof BrokerUnavailable)) this.#logger.error({ err: error }, 'the heartbeat of Redis failed');
      },
    });
  }

  /** A connection of its own for blocking reads or for BullMQ. */
  open(role: Role): RedisClient {
    return this.connections.open(role);
  }

  script(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.run((client) => runScript(client, script, keys, args));
  }

  /**
   * Runs commands for somebody who waits.
   * @throws BrokerUnavailable when Redis does not answer or refuses; anything else as it is.
   */
  async run<T>(work: (client: RedisClient) => Promise<T>): Promise<T> {
    if (this.#closed) throw new BrokerUnavailable('the connection to Redis was closed by this process');
    try {
      if (!isReady(this.commands)) await this.#outlastBlip();
      const result = await work(this.commands);
      this.#answered();
      return result;
    } catch (error) {
      const words = refusalWords(error);
      if (words === undefined) throw error;
      this.#failed(words);
      throw new BrokerUnavailable(words, { cause: error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.connections.endAll();
    await this.#heartbeat?.[Symbol.asyncDispose]();
  }

  async #outlastBlip(): Promise<void> {
    if (this.availability.awayForMs() < blipMs) await this.#readyWithin(blipMs);
  }

  async #readyWithin(ms: number): Promise<boolean> {
    if (isReady(this.commands)) return true;
    const over = new AbortController();
    const ready = Promise.withResolvers<boolean>();
    const onReady = (): void => ready.resolve(true);
    this.commands.once('ready', onReady);
    try {
      return await Promise.race([
        ready.promise,
        sleep(ms, over.signal).then(
          () => false,
          () => false,
        ),
      ]);
    } finally {
      this.commands.off('ready', onReady);
      over.abort();
    }
  }

  #answered(): void {
    if (this.availability.unavailable() !== undefined) {
      this.#logger.info({ awayForMs: Math.round(this.availability.awayForMs()) }, 'Redis is back');
    }
    this.availability.answered();
  }

  #failed(words: string): void {
    if (this.availability.unavailable() !== words && !this.#closed) {
      this.#logger.error({ redis: describeAddress(this.#address), commandTimeoutMs }, words);
    }
    this.availability.failed(words);
  }
}

function isReady(client: RedisClient): boolean {
  return client.status === 'ready';
}
