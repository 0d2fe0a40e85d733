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

/** What the sentinels say of a primary, all together. */
export type Confirmation =
  | { is: 'confirmed' }
  /** None of them confirms it. Why one does not, in words. */
  | { is: 'doubted'; why: string }
  /** None of them may be asked by this user, or knows the question: then nobody would notice. Why, in words. */
  | { is: 'unknown'; why: string };

export type Asked = { readonly sentinels: readonly Redis[]; readonly primaryName: string; readonly primary: Redis };

/** Rejects when the primary itself does not answer. */
export async function askSentinels({ sentinels, primaryName, primary }: Asked): Promise<Confirmation> {
  const runId = /^run_id:(\w+)/m.exec(await primary.info('server'))?.[1] ?? '';
  const answers = await Promise.all(sentinels.map((one) => answerOf(one, primaryName, runId)));
  return (
    answers.find(({ is }) => is === 'confirmed') ??
    answers.find(({ is }) => is === 'doubted') ??
    answers[0] ?? { is: 'unknown', why: 'there are no sentinels' }
  );
}

async function answerOf(sentinel: Redis, primaryName: string, runId: string): Promise<Confirmation> {
  try {
    const [primary, others] = (await Promise.all([
      sentinel.call('SENTINEL', 'MASTER', primaryName),
      sentinel.call('SENTINEL', 'SENTINELS', primaryName),
    ])) as [string[], string[][]];
    const why = doubtOf(runId, { primary: fieldsOf(primary), others: others.map(fieldsOf) });
    return why === undefined ? { is: 'confirmed' } : { is: 'doubted', why };
  } catch (error) {
    const words = refusalWords(error) ?? String(error);
    if (error instanceof Error && /^(NOPERM|ERR unknown)/i.test(error.message)) return { is: 'unknown', why: words };
    return { is: 'doubted', why: `the sentinels do not answer: ${words}` };
  }
}

/**
 * Whether the Redis that we write is the one that everybody writes. On the smaller side of a partition a primary goes on taking writes
 * (unless `min-replicas-to-write` keeps it from that) while the sentinels of the other side have made another one primary.
 */
export class Quorum implements AsyncDisposable {
  readonly #of: Asked & { logger: BrokerLogger };
  #confirmedAt = performance.now();
  #told: string | undefined;
  readonly #asking: AsyncDisposable;

  constructor(of: Asked & { logger: BrokerLogger }) {
    this.#of = of;
    const onError = (error: unknown): void => this.#doubt(refusalWords(error) ?? String(error));
    this.#asking = interval(askEveryMs, () => this.#ask(), { onError });
  }

  get isConfirmed(): boolean {
    return performance.now() - this.#confirmedAt < holdsMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#asking[Symbol.asyncDispose]();
  }

  async #ask(): Promise<void> {
    const askedAt = performance.now();
    const answer = await askSentinels(this.#of);
    if (answer.is === 'doubted') return this.#doubt(answer.why);
    // To end nothing for ever, because sentinels may not be asked, would be worse than what they could say.
    this.#confirmedAt = askedAt;
    const why = answer.is === 'unknown' ? answer.why : undefined;
    if (why === this.#told) return;
    this.#told = why;
    if (why === undefined) this.#of.logger.info({}, 'the sentinels confirm the primary again');
    else this.#of.logger.warn({ why }, 'the sentinels may not be asked: a primary that is cut off is not noticed');
  }

  /** Said once for each reason, and when the last answer does not hold any more. */
  #doubt(doubt: string): void {
    if (doubt === this.#told || this.isConfirmed) return;
    this.#told = doubt;
    const words =
      'it is not confirmed that this Redis is the primary: nothing is ended for want of users, or as a leftover';
    this.#of.logger.warn({ doubt }, words);
  }
}

/** Field and value in turns, as Redis gives them. */
function fieldsOf(row: readonly string[]): SentinelFields {
  return new Map(row.flatMap((field, at) => (at % 2 === 0 ? [[field, row[at + 1] ?? '']] : [])));
}
