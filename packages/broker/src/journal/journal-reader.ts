import { DeadlineExceeded, raceAbort, sleep, withDeadline } from '@reveille/lifecycle';
import { BrokerUnavailable, type StampedEntry, type Trimmed } from '@reveille/orchestration';
import type { Keys } from '../key/keys.ts';
import type { BrokerLogger } from '../logger.ts';
import type { Link } from '../redis/link.ts';
import { Complaints } from '../redis/complaints.ts';
import type { RedisClient } from '../redis/open.ts';
import { decodeEntries, type RawEntry } from './decode-entries.ts';
import { dropIdleConsumers, ensureGroups, groupName, isLostGroup, leaveGroups } from './group.ts';
import { TrimWatch } from './trim-watch.ts';

/** Entries taken at once, over all partitions of a reader: what is in hand when a relay dies. */
const batchSize = 128;
/** How long one read waits for entries (ms). */
const blockMs = 1000;
/** An entry that was not acknowledged for so long is taken from its consumer, and looked for as often (ms). */
const claimAfterMs = 2000;
/** How often consumers that are gone are removed (ms). */
const tidyEveryMs = 60_000;
/** Handling that takes longer leaves its reader behind (ms). */
const slowMs = 1000;
/** Pause after a failure (ms). */
const pauseMs = 250;

export type JournalReaderOptions = {
  link: Link;
  keys: Keys;
  logger: BrokerLogger;
  partitions: readonly number[];
  consumer: string;
  onEntries: (entries: readonly StampedEntry[]) => Promise<void>;
  onTrimmed: ((trimmed: readonly Trimmed[]) => Promise<void>) | undefined;
};

/** Reads some partitions in a loop: what others left, then what is new. One batch at a time. */
export class JournalReader {
  readonly #of: JournalReaderOptions;
  readonly #partitionOf: Map<string, number>;
  readonly #streams: string[];
  readonly #ending = new AbortController();
  readonly #client: RedisClient;
  readonly #complaints: Complaints;
  readonly #trims: TrimWatch;
  #loop: Promise<void> | undefined;
  #claimedAt = Number.NEGATIVE_INFINITY;
  #tidiedAt = performance.now();

  constructor(of: JournalReaderOptions) {
    this.#of = of;
    this.#partitionOf = new Map(of.partitions.map((partition) => [of.keys.journal(partition), partition]));
    this.#streams = [...this.#partitionOf.keys()];
    this.#client = of.link.open('stream');
    this.#complaints = new Complaints(of.logger, 'the journal cannot be read');
    const { logger, onTrimmed } = of;
    this.#trims = new TrimWatch({ logger, onTrimmed, partitionOf: this.#partitionOf, ending: this.#ending.signal });
  }

  /** Resolves when the groups exist and reading has begun. */
  async start(): Promise<void> {
    try {
      await this.#of.link.run((client) => ensureGroups(client, this.#streams));
    } catch (error) {
      this.#of.link.connections.end(this.#client);
      throw error;
    }
    this.#loop = this.#read();
  }

  /** Stops reading, waits for the batch in hand for at most `deadlineMs`, and leaves the groups. */
  async end(deadlineMs: number): Promise<void> {
    this.#ending.abort();
    this.#of.link.connections.end(this.#client);
    try {
      await withDeadline(this.#loop ?? Promise.resolve(), deadlineMs, { reason: 'the last entries' });
      await this.#of.link.run((client) => leaveGroups(client, this.#streams, this.#of.consumer));
    } catch (error) {
      // What stays behind is taken over by other consumers, and the idle consumer removed by them.
      if (!(error instanceof BrokerUnavailable || error instanceof DeadlineExceeded)) throw error;
      this.#of.logger.warn({ err: error, consumer: this.#of.consumer }, 'left the journal without saying goodbye');
    }
  }

  async #read(): Promise<void> {
    await this.#attempt(() => this.#handOwnPending());
    while (!this.#ending.signal.aborted) {
      await this.#attempt(async () => {
        await this.#claimIfDue();
        await this.#tidyIfDue();
        await this.#unlessEnding(this.#trims.lookIfDue(this.#client));
        await this.#handNew();
      });
    }
  }

  /** What a consumer of this name took and never acknowledged; what is refused now is claimed later. */
  async #handOwnPending(): Promise<void> {
    for (let more = true; more;) more = await this.#hand(await this.#readGroup('0', undefined));
  }

  async #handNew(): Promise<void> {
    const read = await this.#readGroup('>', blockMs);
    const readAt = performance.now();
    await this.#hand(read);
    const isFull = read.some(([, entries]) => entries.length >= batchSize);
    this.#trims.keepsUp(!isFull && performance.now() - readAt < slowMs);
  }

  async #claimIfDue(): Promise<void> {
    if (performance.now() - this.#claimedAt < claimAfterMs / 2) return;
    this.#claimedAt = performance.now();
    for (const stream of this.#streams) {
      const args = [groupName, this.#of.consumer, claimAfterMs, '0', 'COUNT', batchSize] as const;
      const answer = await this.#unlessEnding(this.#client.xautoclaim(stream, ...args));
      const [, claimed, trimmed = []] = answer as [string, (RawEntry | null)[], string[]?];
      await this.#tellTrimmed(stream, trimmed.length);
      const entries = claimed.filter((entry) => entry !== null);
      if (entries.length > 0) await this.#hand([[stream, entries]]);
      // Redis 6.2 gives what was trimmed to the claimer, without its id: it is found again among what this one has.
      if (entries.length < claimed.length) await this.#handOwnPending();
    }
  }

  async #tidyIfDue(): Promise<void> {
    if (performance.now() - this.#tidiedAt < tidyEveryMs) return;
    this.#tidiedAt = performance.now();
    await this.#unlessEnding(dropIdleConsumers(this.#client, this.#streams));
  }

  async #readGroup(from: '>' | '0', block: number | undefined): Promise<[string, RawEntry[]][]> {
    const ids = this.#streams.map(() => from);
    const wait = block === undefined ? [] : ['BLOCK', block];
    const args = [
      'GROUP',
      groupName,
      this.#of.consumer,
      'COUNT',
      batchSize,
      ...wait,
      'STREAMS',
      ...this.#streams,
      ...ids,
    ];
    const read = await this.#unlessEnding(this.#client.call('XREADGROUP', ...args.map(String)));
    return (read as [string, RawEntry[]][] | null) ?? [];
  }

  /** A connection that is ended while it reconnects never answers what it was asked. */
  #unlessEnding<T>(answer: Promise<T>): Promise<T> {
    return raceAbort(answer, this.#ending.signal);
  }

  /** True when there was something and it was handled. */
  async #hand(batches: readonly (readonly [string, readonly RawEntry[]])[]): Promise<boolean> {
    const taken = batches.filter(([, entries]) => entries.length > 0);
    if (taken.length === 0) return false;
    const entries = taken.flatMap(([stream, raw]) =>
      decodeEntries(this.#partitionOf.get(stream) as number, raw, this.#of.logger),
    );
    if (entries.length > 0 && !(await this.#taken(entries))) return false;
    await Promise.all(taken.map(([stream, raw]) => this.#acknowledge(stream, raw)));
    for (const [stream, raw] of taken) {
      await this.#tellTrimmed(stream, raw.filter(([, fields]) => fields === null).length);
    }
    return true;
  }

  async #tellTrimmed(stream: string, entries: number): Promise<void> {
    const partition = this.#partitionOf.get(stream) as number;
    if (entries > 0) await this.#trims.tell([{ partition, entries, state: 'unacknowledged' }]);
  }

  /** False: not handled, so that the entries stay for another reading. */
  async #taken(entries: readonly StampedEntry[]): Promise<boolean> {
    try {
      await this.#of.onEntries(entries);
      return true;
    } catch (error) {
      this.#of.logger.error(
        { err: error, entries: entries.length },
        'journal entries were not handled; they come again',
      );
      return false;
    }
  }

  /** On the connection that fails fast: the one that reads is cut when the reader ends. */
  async #acknowledge(stream: string, raw: readonly RawEntry[]): Promise<void> {
    await this.#of.link.run((client) => client.xack(stream, groupName, ...raw.map(([id]) => id)), stream);
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#complaints.over();
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      this.#trims.keepsUp(false);
      if (isLostGroup(error)) await this.#recreate();
      else this.#complaints.say(error);
      await sleep(pauseMs, this.#ending.signal, { ref: false }).catch(() => undefined);
    }
  }

  async #recreate(): Promise<void> {
    this.#of.logger.warn({ consumer: this.#of.consumer }, 'the journal was emptied; reading it from its beginning');
    try {
      await this.#of.link.run((client) => ensureGroups(client, this.#streams));
    } catch (error) {
      this.#complaints.say(error);
    }
  }
}
