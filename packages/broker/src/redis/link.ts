import { once } from 'node:events';
import { BrokerUnavailable } from '@reveille/orchestration';
import { Redis } from 'ioredis';
import { DeadlineExceeded, interval, sleep, withDeadline } from '@reveille/lifecycle';
import type { BrokerLogger } from '../logger.ts';
import { describeAddress, type RedisAddress } from './address.ts';
import { type Availability, commandTimeoutMs } from './availability.ts';
import { Connections, type RedisClient, type Role } from './open.ts';
import { Parts } from './parts.ts';
import { type Asked, askSentinels, type Confirmation, Quorum } from './quorum.ts';
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
  readonly parts: Parts;
  readonly connections: Connections;
  readonly commands: RedisClient;
  readonly #address: RedisAddress;
  readonly #logger: BrokerLogger;
  #quorum: Quorum | undefined;
  #heartbeat: AsyncDisposable | undefined;
  #closed = false;

  constructor(address: RedisAddress, logger: BrokerLogger, name?: string) {
    this.#address = address;
    this.#logger = logger;
    this.parts = new Parts(address.kind === 'cluster');
    this.connections = new Connections(address, name);
    this.commands = this.connections.open('commands');
  }

  /** Behind Sentinel, asks from now on whether most sentinels take this Redis for the primary. */
  watchQuorum(): void {
    const asked = this.#openSentinels();
    if (asked !== undefined) this.#quorum = new Quorum({ ...asked, logger: this.#logger });
  }

  /** The same asked once; undefined where there are no sentinels. @throws BrokerUnavailable */
  async confirmation(): Promise<Confirmation | undefined> {
    const asked = this.#openSentinels();
    if (asked === undefined) return undefined;
    const opened = Promise.all(asked.sentinels.map((one) => once(one, 'ready')));
    await Promise.race([opened.catch(() => undefined), sleep(blipMs)]);
    return this.run(() => askSentinels(asked));
  }

  /**
   * Whether this is the Redis that everybody writes, as far as this process asks: behind Sentinel, what a majority of the sentinels takes
   * for the primary. A Cluster sees to it itself: a primary that is cut off from the majority refuses writes.
   */
  get isConfirmed(): boolean {
    return this.#quorum?.isConfirmed ?? true;
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

  /** Proves each second that Redis takes writes, by a write of each key that changes nothing. A cluster has to prove it for each part. */
  startHeartbeat(keys: readonly string[], write: (client: RedisClient, key: string) => Promise<unknown>): void {
    const beaten = this.#address.kind === 'cluster' ? keys : keys.slice(0, 1);
    const beat = (key: string): Promise<unknown> => this.run((client) => write(client, key), key);
    this.#heartbeat = interval(heartbeatMs, () => Promise.all(beaten.map(beat)), {
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
    return this.run((client) => runScript(client, script, keys, args), keys[0]);
  }

  /**
   * Runs commands for somebody who waits; `key` is one of those they are about, when these are partitioned.
   * @throws BrokerUnavailable when Redis does not answer or refuses; anything else as it is.
   */
  async run<T>(work: (client: RedisClient) => Promise<T>, key?: string): Promise<T> {
    if (this.#closed) throw new BrokerUnavailable('the connection to Redis was closed by this process');
    const part = this.parts.of(key);
    try {
      if (!isReady(this.commands) && part.awayForMs() < blipMs) await this.#readyWithin(blipMs);
      const result = await this.#inTime(work(this.commands));
      this.#answered(part);
      return result;
    } catch (error) {
      const words = error instanceof DeadlineExceeded ? error.message : refusalWords(error);
      if (words === undefined) throw error;
      this.#failed(part, words);
      throw new BrokerUnavailable(words, { cause: error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.connections.endAll();
    await this.#quorum?.[Symbol.asyncDispose]();
    await this.#heartbeat?.[Symbol.asyncDispose]();
  }

  #openSentinels(): Asked | undefined {
    const { primaryName } = this.#address;
    if (primaryName === undefined || !(this.commands instanceof Redis)) return undefined;
    return { sentinels: this.connections.openSentinels(), primaryName, primary: this.commands };
  }

  /**
   * The client of a cluster repeats a command for as long as the nodes point at one another. What comes of it after the time of a
   * command is not used: it was asked with an allowance that is too small by then.
   */
  #inTime<T>(work: Promise<T>): Promise<T> {
    return this.#address.kind === 'cluster' ? withDeadline(work, commandTimeoutMs, { reason: 'the cluster' }) : work;
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

  #answered(part: Availability): void {
    const awayForMs = part.awayForMs();
    part.answered();
    if (awayForMs > 0 && this.parts.unavailable() === undefined)
      this.#logger.info({ awayForMs: Math.round(awayForMs) }, 'Redis is back');
  }

  #failed(part: Availability, words: string): void {
    if (this.parts.unavailable() !== words && !this.#closed) {
      this.#logger.error({ redis: describeAddress(this.#address), commandTimeoutMs }, words);
    }
    part.failed(words);
  }
}

function isReady(client: RedisClient): boolean {
  return client.status === 'ready';
}
