import type { Journal, StampedEntry, Trimmed } from '@reveille/orchestration';
import type { Keys } from '../key/keys.ts';
import type { BrokerLogger } from '../logger.ts';
import type { Link } from '../redis/link.ts';
import { JournalReader } from './journal-reader.ts';

/** How long an end waits for the entries that are being handled (ms). */
const endDeadlineMs = 3000;

/** The journal on Redis streams, one per partition, read by one consumer group of all relays. */
export class RedisJournal implements Journal {
  readonly #link: Link;
  readonly #keys: Keys;
  readonly #logger: BrokerLogger;

  constructor(link: Link, keys: Keys, logger: BrokerLogger) {
    this.#link = link;
    this.#keys = keys;
    this.#logger = logger;
  }

  /** A cluster serves one slot per command, so that each partition is read on a connection of its own. */
  async consume(
    consumer: string,
    onEntries: (entries: readonly StampedEntry[]) => Promise<void>,
    onTrimmed?: (trimmed: readonly Trimmed[]) => Promise<void>,
  ): Promise<AsyncDisposable> {
    const all = Array.from({ length: this.#keys.partitions }, (_, partition) => partition);
    const groups = this.#link.commands.isCluster ? all.map((partition) => [partition]) : [all];
    const readers = groups.map(
      (partitions) =>
        new JournalReader({
          link: this.#link,
          keys: this.#keys,
          logger: this.#logger,
          partitions,
          consumer,
          onEntries,
          onTrimmed,
        }),
    );
    await Promise.all(readers.map((reader) => reader.start()));
    let ended: Promise<unknown> | undefined;
    return {
      async [Symbol.asyncDispose]() {
        await (ended ??= Promise.all(readers.map((reader) => reader.end(endDeadlineMs))));
      },
    };
  }
}
