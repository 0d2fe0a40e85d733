import { type InstanceKey, type Principal, scopeKeysOf } from '@reveille/contracts';
import { sleep, withDeadline } from '@reveille/lifecycle';
import type { EdgeId, Members, Plan, PlanState, RunNote, Telling, Timelines } from '@reveille/orchestration';
import { ATTRIBUTE, failSpan, type Logger, SPAN, startSpan } from '@reveille/telemetry';
import type { Initialization } from '../deliver/initialization.ts';
import type { LinePositions } from '../deliver/line-positions.ts';
import type { LedgerClock } from '../want/ledger-clock.ts';
import { generationsAtEnd, generationsUnderWay, runHeadOf } from './run-head.ts';

export type RunNotesOptions = {
  edge: EdgeId;
  timelines: Timelines;
  members: Pick<Members, 'alive'>;
  clock: LedgerClock;
  logger: Logger;
  /** Bound of the last writes, when the edge ends. */
  brokerMs: number;
};

/** Who waits. */
export type Waiter = { readonly id: string; readonly principal: Principal };

/** Notes that may be on their way; further ones are dropped until there is room: users come first. */
const notesLimit = 10_000;
/** Sessions named of one initialization by one edge; further ones are counted. */
const namedLimit = 100;
/** Notes are gathered for so long: a crowd that waits for one start costs few round trips. */
const gatherMs = 100;
/** What other edges have gathered is read so much later. */
const lookAfterMs = 1000;

/**
 * Writes down who waits for which initialization and how that ends, for `reveille explain`. In the background: nobody waits for it, and what
 * cannot be written is dropped with one log line for each outage.
 */
export class RunNotes implements AsyncDisposable {
  readonly #options: RunNotesOptions;
  #notes: (RunNote | Promise<RunNote>)[] = [];
  /** Claims on their way, and who asked whether they are the first. Bounded as the notes are. */
  #claims: { readonly initialization: string; tell(isFirst: boolean | undefined): void }[] = [];
  /** Reads whether others go on with what was left here. */
  readonly #looks = new Set<Promise<unknown>>();
  readonly #ending = new AbortController();
  /** Of initializations that users of this edge wait for: how many of them are named, and how many only counted. */
  readonly #waits = new Map<string, { named: number; counted: number }>();
  #gathering: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isAway = false;

  constructor(options: RunNotesOptions) {
    this.#options = options;
  }

  /** Notes that wait to be written. */
  get pending(): number {
    return this.#notes.length;
  }

  begun(plan: Plan, state: PlanState, entrypoint: string, telling: Telling): void {
    const { initialization } = telling;
    const generations = generationsUnderWay(state);
    this.#waits.set(initialization, { named: 0, counted: 0 });
    this.#add({ kind: 'begun', head: runHeadOf(plan, state, entrypoint, telling) });
    if (generations.size > 0) this.#add({ kind: 'generations', initialization, generations });
  }

  /** One user waits from now on. Call what is returned once, with `connected`, a failure code or `left`. */
  waits(waiter: Waiter, { id, startedAt, traceparent }: Initialization, entrypoint: string): (outcome: string) => void {
    const { clock, edge } = this.#options;
    const from = clock.now();
    const startTime = Date.now();
    const waits = this.#waits.get(id) ?? { named: 0, counted: 0 };
    this.#waits.set(id, waits);
    const isNamed = waits.named < namedLimit;
    if (isNamed) waits.named += 1;
    else waits.counted += 1;
    const note = async (ended: { to?: number; outcome?: string }): Promise<RunNote> => {
      const { user } = await scopeKeysOf(waiter.principal);
      const wait = { session: waiter.id, user, edge, from, ...ended };
      return { kind: 'waits', initialization: id, startedAt, wait };
    };
    if (isNamed) this.#add(note({}));
    return (outcome) => {
      if (isNamed) this.#add(note({ to: clock.now(), outcome }));
      const span = startSpan(SPAN.wait, {
        parent: null,
        links: [traceparent],
        startTime,
        attributes: {
          [ATTRIBUTE.entrypoint]: entrypoint,
          [ATTRIBUTE.initialization]: id,
          [ATTRIBUTE.session]: waiter.id,
          [ATTRIBUTE.outcome]: outcome,
        },
      });
      if (outcome !== 'connected' && outcome !== 'left' && outcome !== 'cancelled') failSpan(span.span, outcome);
      span.end();
    };
  }

  /** Users were told other numbers in line of these queued instances. */
  positions(
    initialization: string,
    state: PlanState,
    moved: ReadonlySet<InstanceKey>,
    positions: Pick<LinePositions, 'of'>,
  ): void {
    for (const [instance, record] of state) {
      const position = moved.has(instance) ? positions.of(record) : undefined;
      if (position !== undefined) this.#add({ kind: 'position', initialization, instance, position });
    }
  }

  /**
   * Resolves with whether this edge is the one of all that writes the root span: the first to see the end, whichever edge had begun it and may
   * be dead by now. With undefined where that cannot be known.
   */
  async ended(initialization: string, outcome: string, state: PlanState): Promise<boolean | undefined> {
    const { counted = 0 } = this.#waits.get(initialization) ?? {};
    this.#waits.delete(initialization);
    if (counted > 0) this.#add({ kind: 'crowd', initialization, count: counted });
    this.#add({ kind: 'generations', initialization, generations: generationsAtEnd(state, initialization) });
    this.#add({ kind: 'ended', initialization, end: { at: this.#options.clock.now(), outcome } });
    if (outcome === 'abandoned' && (await this.#goesOnElsewhere(initialization))) return false;
    return this.#claim(initialization);
  }

  /** That nobody waits here is not its end while users of another edge wait, if that one lives. */
  #goesOnElsewhere(initialization: string): Promise<boolean> {
    const { edge, timelines, members } = this.#options;
    const read = async (): Promise<boolean> => {
      await sleep(lookAfterMs, this.#ending.signal).catch(() => undefined);
      const [run, alive] = await Promise.all([timelines.run(initialization), members.alive()]);
      const others = new Set(alive.map(({ id }) => id).filter((id) => id !== edge));
      return run?.waits.some((wait) => wait.to === undefined && others.has(wait.edge)) ?? false;
    };
    const look = read().catch(() => false);
    this.#looks.add(look);
    return look.finally(() => this.#looks.delete(look));
  }

  #claim(initialization: string): Promise<boolean | undefined> {
    const { promise, resolve } = Promise.withResolvers<boolean | undefined>();
    if (this.#add({ kind: 'claimed', initialization, edge: this.#options.edge }))
      this.#claims.push({ initialization, tell: resolve });
    else resolve(undefined);
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#gathering);
    this.#write();
    this.#ending.abort();
    const all = async (): Promise<void> => {
      await Promise.all(this.#looks);
      clearTimeout(this.#gathering);
      this.#write();
      await this.#writing;
    };
    await withDeadline(all(), this.#options.brokerMs, { reason: 'the last notes' }).catch(() => undefined);
  }

  /** False when there is no room. */
  #add(note: RunNote | Promise<RunNote>): boolean {
    if (this.#notes.length >= notesLimit) return false;
    this.#notes.push(note);
    this.#gathering ??= setTimeout(() => this.#write(), gatherMs);
    return true;
  }

  /** One batch after the other. */
  #write(): void {
    this.#writing = this.#writing.then(async () => {
      this.#gathering = undefined;
      const [notes, claims] = [this.#notes, this.#claims];
      [this.#notes, this.#claims] = [[], []];
      if (notes.length === 0) return;
      try {
        const first = await this.#options.timelines.note(await Promise.all(notes));
        for (const { initialization, tell } of claims) tell(first.has(initialization));
        this.#isAway = false;
      } catch (error) {
        for (const { tell } of claims) tell(undefined);
        if (!this.#isAway)
          this.#options.logger.warn(
            { err: error },
            'who waits for what could not be noted; users notice nothing of it',
          );
        this.#isAway = true;
      }
    });
  }
}
