import type { Trimmed } from '@reveille/orchestration';
import type { BrokerLogger } from '../logger.ts';
import { Complaints } from '../redis/complaints.ts';
import type { RedisClient } from '../redis/open.ts';
import { unreadTrimmed } from './unread-trimmed.ts';

/** How often a reader that keeps up looks whether entries were trimmed before they were read (ms). */
const lookEveryMs = 30_000;
/** The same of one that is behind (ms): only then can it happen, short of somebody who trims by hand. */
const lookEveryMsBehind = 1000;

export type TrimWatchOptions = {
  logger: BrokerLogger;
  /** Aborts when the reader ends, and its connection with it. */
  ending: AbortSignal;
  partitionOf: ReadonlyMap<string, number>;
  onTrimmed: ((trimmed: readonly Trimmed[]) => Promise<void>) | undefined;
};

/** Tells what a journal lost to its bound before it was handled. A look is some commands, so that it is not made for each reading. */
export class TrimWatch {
  readonly #of: TrimWatchOptions;
  readonly #complaints: Complaints;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isBehind = false;

  constructor(of: TrimWatchOptions) {
    this.#of = of;
    this.#complaints = new Complaints(of.logger, 'it cannot be seen whether the journal was trimmed too early');
  }

  /** Whether more waits than one reading takes, or nothing could be read for a while. */
  keepsUp(is: boolean): void {
    this.#isBehind = !is;
  }

  /** Entries that nobody has read. Must come before the reading that passes over them. Rejects never: what is there can be read. */
  async lookIfDue(client: RedisClient): Promise<void> {
    const sinceMs = performance.now() - this.#lookedAt;
    if (sinceMs < (this.#isBehind ? lookEveryMsBehind : lookEveryMs)) return;
    this.#lookedAt = performance.now();
    try {
      const journals = [...this.#of.partitionOf];
      const looks = journals.map(async ([journal, partition]) => {
        const found = await unreadTrimmed(client, journal);
        return found === undefined ? [] : [{ ...found, partition, state: 'unread' as const }];
      });
      const found = (await Promise.all(looks)).flat();
      this.#complaints.over();
      await this.tell(found);
    } catch (error) {
      if (!this.#of.ending.aborted) this.#complaints.say(error);
    }
  }

  /** One line for each journal. Never rejects. */
  async tell(found: readonly Trimmed[]): Promise<void> {
    const { logger, onTrimmed } = this.#of;
    if (found.length === 0) return;
    for (const one of found) {
      logger.error(one, `${wordsOf(one)}: edges read their plans again; timelines and webhooks go without`);
    }
    try {
      await onTrimmed?.(found);
    } catch (error) {
      logger.warn(
        { err: error },
        'edges could not be told of trimmed entries; plans with waiters are read again shortly',
      );
    }
  }
}

/** Without the counters of Redis 7 it is not even sure that there was one, when somebody has trimmed by hand. */
function wordsOf({ entries, state }: Trimmed): string {
  const verb = entries === undefined ? 'were perhaps trimmed' : entries === 1 ? 'was trimmed' : 'were trimmed';
  return `${entries ?? 'some'} journal ${entries === 1 ? 'entry' : 'entries'} ${verb} ${when[state]}`;
}

const when = {
  unread: 'before any relay had read that far',
  unacknowledged: 'in the hands of a relay that had not acknowledged',
} as const satisfies Record<Trimmed['state'], string>;
