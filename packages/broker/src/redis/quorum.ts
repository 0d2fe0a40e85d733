import { interval } from '@reveille/lifecycle';
import type { Redis } from 'ioredis';
import type { BrokerLogger } from '../logger.ts';
import { refusalWords } from './refusal.ts';

/** Between two questions to the sentinels (ms). */
const askEveryMs = 1000;
/**
 * How long an answer holds (ms). Shorter than it takes until another primary is made and something is started there: before a failover
 * there is nothing on another side that could be ended from here.
 */
const holdsMs = 4000;

/** What a sentinel says of a server or of another sentinel: `SENTINEL MASTER` and `SENTINEL SENTINELS` give such fields. */
export type SentinelFields = ReadonlyMap<string, string>;

/**
 * Whether a sentinel confirms a primary, by its run id: it takes that one for the primary, and can speak with most of the sentinels that it
 * knows, itself included. One that cannot would not hear that the others have made another one primary.
 * @returns `undefined` when it does, else why not, in words
 */
export function doubtOf(
  runId: string,
  { primary, others }: { primary: SentinelFields; others: readonly SentinelFields[] },
): string | undefined {
  if (primary.get('runid') !== runId) return 'the sentinels take another Redis for the primary';
  const heard = others.filter((one) => !/s_down|o_down|disconnected/.test(one.get('flags') ?? '')).length + 1;
  const known = others.length + 1;
  return 2 * heard > known ? undefined : `a sentinel hears ${heard} of ${known} sentinels only`;
}

/**
 * Whether the Redis that we write is the one that everybody writes. On the smaller side of a partition a primary goes on taking writes
 * (unless `min-replicas-to-write` keeps it from that) while the sentinels of the other side have made another one primary.
 */
export class Quorum implements AsyncDisposable {
  readonly #of: { sentinels: readonly Redis[]; primaryName: string; primary: Redis; logger: BrokerLogger };
  #confirmedAt = performance.now();
  #told: string | undefined;
  readonly #asking: AsyncDisposable;

  constructor(of: { sentinels: readonly Redis[]; primaryName: string; primary: Redis; logger: BrokerLogger }) {
    this.#of = of;
    const onError = (error: unknown): void => this.#tell(refusalWords(error) ?? String(error));
    this.#asking = interval(askEveryMs, () => this.#ask(), { onError });
  }

  get isConfirmed(): boolean {
    return performance.now() - this.#confirmedAt < holdsMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#asking[Symbol.asyncDispose]();
  }

  async #ask(): Promise<void> {
    const { sentinels, primary } = this.#of;
    const askedAt = performance.now();
    const runId = /^run_id:(\w+)/m.exec(await primary.info('server'))?.[1] ?? '';
    const doubts = await Promise.all(sentinels.map((one) => this.#doubt(one, runId)));
    if (doubts.includes(undefined)) {
      this.#confirmedAt = askedAt;
      this.#tell(undefined);
    } else this.#tell(doubts[0]);
  }

  async #doubt(sentinel: Redis, runId: string): Promise<string | undefined> {
    const { primaryName } = this.#of;
    try {
      const [primary, others] = (await Promise.all([
        sentinel.call('SENTINEL', 'MASTER', primaryName),
        sentinel.call('SENTINEL', 'SENTINELS', primaryName),
      ])) as [string[], string[][]];
      return doubtOf(runId, { primary: fieldsOf(primary), others: others.map(fieldsOf) });
    } catch (error) {
      return `the sentinels do not answer: ${refusalWords(error) ?? String(error)}`;
    }
  }

  /** Once for each reason, and when the last answer does not hold any more. */
  #tell(doubt: string | undefined): void {
    if (doubt === this.#told || (doubt !== undefined && this.isConfirmed)) return;
    const words =
      'it is not confirmed that this Redis is the primary: nothing is ended for want of users, or as a leftover';
    if (doubt === undefined) this.#of.logger.info({}, 'the sentinels confirm the primary again');
    else this.#of.logger.warn({ doubt }, words);
    this.#told = doubt;
  }
}

/** Field and value in turns, as Redis gives them. */
function fieldsOf(row: readonly string[]): SentinelFields {
  return new Map(row.flatMap((field, at) => (at % 2 === 0 ? [[field, row[at + 1] ?? '']] : [])));
}
