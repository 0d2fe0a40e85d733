import { setTimeout } from 'node:timers/promises';
import { connect, type ReveilleClient, ReveilleError } from '@reveille/client';
import type { Failure } from '@reveille/contracts';

/** A session that is not answered for so long is lost. */
export const answerMs = 120_000;

/** Refusals in words of a machine that is too busy: what was refused was not delivered, and is asked again after this time. */
const refusals = new Set<string>(['broker_unavailable', 'upstream_refused', 'not_ready']);
const askAgainMs = 1_500;

/** Of all talkers: what must be zero, and what happened. */
export type Count = {
  questions: number;
  /** Questions without their answer. */
  lost: number;
  /** Answers that came more than once, and numbers of messages that did. */
  doubled: number;
  /** Numbers of messages that were left out. */
  missing: number;
  /** Messages that came after one with a higher number. */
  outOfOrder: number;
  /** Reconnects that began a new session. */
  begunAnew: number;
  resumed: number;
  /** Times that a question was refused in words, and asked again. */
  refused: number;
};

/** Asks one question after the other until it is told to stop, and notes everything that the wire says about them. */
export class Talker {
  readonly client: ReveilleClient;
  readonly name: string;
  /** Answers that were whole. */
  answered = 0;
  resumed = 0;
  refused = 0;
  readonly #sessions = new Set<string>();
  /** Numbers of the messages that answered each question. */
  readonly #heard = new Map<string, number[]>();
  readonly #pauseMs: number;
  readonly #stop = new AbortController();
  readonly #over: Promise<void>;
  #asked = 0;
  #lastSeq = 0;
  #outOfOrder = 0;
  /** The failure of its service that it was told of last. */
  #told: Failure | undefined;
  /** Why it no longer asks, when that was not wanted. */
  failure: unknown;

  /** @param pauseMs on average, between an answer and the next question */
  constructor(name: string, url: string, pauseMs = 0) {
    this.name = name;
    this.#pauseMs = pauseMs;
    this.client = connect({ url, entrypoint: 'chat', as: { user: name, tenant: 'acme' } });
    this.client.on('welcome', ({ session, resumed }) => {
      this.#sessions.add(session);
      if (resumed) this.resumed += 1;
    });
    this.client.on('message', ({ re = '', seq }) => {
      this.#heard.set(re, [...(this.#heard.get(re) ?? []), seq]);
      if (seq < this.#lastSeq) this.#outOfOrder += 1;
      this.#lastSeq = Math.max(this.#lastSeq, seq);
    });
    this.client.on('initialization_failed', ({ failure }) => (this.#told = failure));
    this.#over = this.#talk().catch((error: unknown) => {
      this.failure = this.#told === undefined ? error : new Error(JSON.stringify(this.#told), { cause: error });
    });
  }

  /** Resolves when the question under way is answered, or after so many milliseconds. */
  async stop(withinMs = answerMs): Promise<void> {
    this.#stop.abort();
    const late = new AbortController();
    await Promise.race([this.#over, setTimeout(withinMs, undefined, { signal: late.signal }).catch(() => undefined)]);
    late.abort();
    this.client.close();
  }

  get count(): Count {
    const numbers = [...this.#heard.values()].flat();
    const answers = [...this.#heard.values()];
    const last = Math.max(0, ...numbers);
    return {
      questions: this.#asked,
      lost: this.#asked - this.answered,
      doubled: answers.filter(({ length }) => length > 1).length + numbers.length - new Set(numbers).size,
      missing: last - new Set(numbers).size,
      outOfOrder: this.#outOfOrder,
      begunAnew: Math.max(0, this.#sessions.size - 1),
      resumed: this.resumed,
      refused: this.refused,
    };
  }

  async #talk(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const n = (this.#asked += 1);
      const said = await this.#answersTo(n);
      if (said.length !== 1 || Object(Object(said[0]?.data)['data'])['n'] !== n)
        throw new Error(`question ${n} of ${this.name} was answered with ${JSON.stringify(said)}`);
      this.answered += 1;
      if (this.#pauseMs > 0)
        await setTimeout(2 * Math.random() * this.#pauseMs, undefined, { signal: this.#stop.signal }).catch(
          () => undefined,
        );
    }
  }

  async #answersTo(n: number): Promise<{ data: unknown }[]> {
    for (;;) {
      try {
        return await Array.fromAsync(this.client.ask({ n }, { id: `${this.name}-${n}` }));
      } catch (error) {
        if (!(error instanceof ReveilleError) || !refusals.has(error.code) || this.#stop.signal.aborted) throw error;
        this.refused += 1;
        await setTimeout(askAgainMs);
        this.client.retry();
      }
    }
  }
}

export function sumOf(talkers: readonly Talker[]): Count {
  const none = { questions: 0, lost: 0, doubled: 0, missing: 0, outOfOrder: 0, begunAnew: 0, resumed: 0, refused: 0 };
  const sum: Count = { ...none };
  for (const { count } of talkers) for (const name of Object.keys(sum) as (keyof Count)[]) sum[name] += count[name];
  return sum;
}

/** @throws Error when one of them is not answered within the time, or has failed */
export async function answeredOnceMore(talkers: readonly Talker[]): Promise<void> {
  const before = talkers.map(({ answered }) => answered);
  const deadline = performance.now() + answerMs;
  for (const [at, talker] of talkers.entries()) {
    while (talker.answered <= (before[at] ?? 0)) {
      if (talker.failure !== undefined) throw new Error(`${talker.name} failed`, { cause: talker.failure });
      if (performance.now() > deadline) throw new Error(`${talker.name} was not answered for ${answerMs} ms`);
      await setTimeout(20);
    }
  }
}
