import { type InstanceKey, type Principal, scopeKeysOf } from '@reveille/contracts';
import { sleep, withDeadline } from '@reveille/lifecycle';
import {
  type EdgeId,
  type Members,
  placeOf,
  type Plan,
  type PlanState,
  type RunNote,
  type Telling,
  type Timelines,
} from '@reveille/orchestration';
import { ATTRIBUTE, failSpan, type Logger, SPAN, startSpan } from '@reveille/telemetry';
import type { Ending, Initialization } from '../deliver/initialization.ts';
import type { LinePositions } from '../deliver/line-positions.ts';
import type { LedgerClock } from '../want/ledger-clock.ts';
import { generationsAtEnd, generationsUnderWay, runHeadOf } from './run-head.ts';
import { WaitCount } from './wait-count.ts';

export type RunNotesOptions = {
  edge: EdgeId;
  timelines: Timelines;
  members: Pick<Members, 'alive'>;
  clock: LedgerClock;
  logger: Logger;
  /** Whoever has left may be back for so long: a page that is loaded again, an edge that was replaced. */
  backMs: number;
  /** Bound of the last writes, when the edge ends. */
  brokerMs: number;
};

type Claim = { readonly initialization: string; tell(isFirst: boolean | undefined): void };

/** Who waits. */
export type Waiter = { readonly id: string; readonly principal: Principal };

/** Notes that may be on their way; further ones are dropped until there is room: users come first. */
const notesLimit = 10_000;
/** Notes are gathered for so long: a crowd that waits for one start costs few round trips. */
const gatherMs = 100;
/** What could not be written is tried again after so long. */
const writeAgainMs = 1000;

/**
 * Writes down who waits for which initialization and how that ends, for `reveille explain`. In the background: nobody waits for it. What
 * cannot be written is tried again as far as there is room, with one log line for each outage.
 */
export class RunNotes implements AsyncDisposable {
  readonly #options: RunNotesOptions;
  #notes: (RunNote | Promise<RunNote>)[] = [];
  /** Claims on their way, and who asked whether they are the first. Bounded as the notes are. */
  #claims: Claim[] = [];
  #claimed = 0;
  /** Endings that wait for their last users, or for what is read of others. */
  readonly #endings = new Set<Promise<unknown>>();
  readonly #disposing = new AbortController();
  /** Of initializations that users of this edge wait for. */
  readonly #waits = new Map<string, WaitCount>();
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

  begun(
    { plan, state, entrypoint }: { plan: Plan; state: PlanState; entrypoint: string },
    { traceparent }: Initialization,
    telling: Telling,
  ): void {
    const { initialization } = telling;
    const generations = generationsUnderWay(state);
    if (!this.#waits.has(initialization)) this.#waits.set(initialization, new WaitCount());
    this.#add({ kind: 'begun', head: { ...runHeadOf(plan, state, entrypoint, telling), traceparent } });
    if (generations.size > 0) this.#add({ kind: 'generations', initialization, generations });
  }

  /** One user waits from now on. Call what is returned once, with `connected`, a failure code or `left`. */
  waits(
    waiter: Waiter,
    { id, startedAt, traceparent }: Initialization,
    { entrypoint, target }: { entrypoint: string; target: InstanceKey },
  ): (outcome: string) => void {
    const { clock, edge } = this.#options;
    const from = clock.now();
    const startTime = Date.now();
    const waits = this.#waits.get(id) ?? new WaitCount();
    this.#waits.set(id, waits);
    const isNamed = waits.begin();
    const note = async (ended: { to?: number; outcome?: string }): Promise<RunNote> => {
      const { user } = await scopeKeysOf(waiter.principal);
      const wait = { session: waiter.id, user, edge, target, from, ...ended };
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
      waits.end(outcome);
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
      if (position === undefined) continue;
      const { generation, attempt } = record;
      this.#add({ kind: 'position', initialization, place: placeOf({ instance, generation, attempt }), position });
    }
  }

  /**
   * Resolves when the last user of this edge is through: with how the initialization ended for them, and whether this edge is the one of all that
   * writes the root span: the first to see the end, whichever edge had begun it and may be dead by now.
   * With undefined where it has not ended: users of another edge wait on.
   * @param outcome of the plan, or why the last user left it
   */
  ended(initialization: string, outcome: string, state: PlanState): Promise<Ending | undefined> {
    const waits = this.#waits.get(initialization) ?? new WaitCount();
    const count = waits.takeCounted();
    if (count > 0) this.#add({ kind: 'crowd', initialization, count });
    this.#add({ kind: 'generations', initialization, generations: generationsAtEnd(state, initialization) });
    this.#add({ kind: 'ended', initialization, end: { at: this.#options.clock.now(), outcome } });
    const ending = this.#ending(initialization, outcome, waits);
    this.#endings.add(ending);
    return ending.finally(() => this.#endings.delete(ending));
  }

  async #ending(initialization: string, outcome: string, waits: WaitCount): Promise<Ending | undefined> {
    await waits.through(this.#disposing.signal);
    if (waits.isOver && this.#waits.get(initialization) === waits) this.#waits.delete(initialization);
    const at = Date.now();
    const isOfPlan = outcome === 'ready' || outcome === 'failed';
    if (!isOfPlan && (await this.#goesOn(initialization))) return undefined;
    return { at, outcome: waits.toldInstead(outcome), isFirst: await this.#claim(initialization) };
  }

  /** That nobody waits here is not its end while users of another edge wait, if that one lives, or when somebody is back. */
  async #goesOn(initialization: string): Promise<boolean> {
    const { edge, timelines, members, backMs } = this.#options;
    await sleep(backMs, this.#disposing.signal).catch(() => undefined);
    // Its users go to other edges now. Should none come, a relay sees how it ends.
    if (this.#disposing.signal.aborted || this.#waits.has(initialization)) return true;
    try {
      const [run, alive] = await Promise.all([timelines.run(initialization), members.alive()]);
      const others = new Set(alive.map(({ id }) => id).filter((id) => id !== edge));
      return run?.waits.some((wait) => wait.to === undefined && others.has(wait.edge)) ?? false;
    } catch {
      // Nobody can say: the end is told here rather than nowhere.
      return false;
    }
  }

  #claim(initialization: string): Promise<boolean | undefined> {
    const { promise, resolve } = Promise.withResolvers<boolean | undefined>();
    // Each has a name of its own, so that one that comes twice is known again.
    if (this.#add({ kind: 'claimed', initialization, by: `${this.#options.edge}.${(this.#claimed += 1)}` }))
      this.#claims.push({ initialization, tell: resolve });
    else resolve(undefined);
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposing.abort();
    const all = async (): Promise<void> => {
      await Promise.all(this.#endings);
      clearTimeout(this.#gathering);
      this.#write();
      await this.#writing;
    };
    clearTimeout(this.#gathering);
    this.#write();
    await withDeadline(all(), this.#options.brokerMs, { reason: 'the last notes' }).catch(() => undefined);
  }

  /** False when there is no room. */
  #add(note: RunNote | Promise<RunNote>): boolean {
    if (this.#notes.length >= notesLimit) return false;
    this.#notes.push(note);
    this.#gathering ??= setTimeout(() => this.#write(), this.#disposing.signal.aborted ? 0 : gatherMs);
    return true;
  }

  /** What could not be written goes before what has come since; there is room for so much, and users come first. */
  #later(notes: readonly (RunNote | Promise<RunNote>)[], claims: readonly Claim[]): void {
    if (notes.length + this.#notes.length > notesLimit) {
      for (const { tell } of claims) tell(undefined);
      return;
    }
    this.#notes.unshift(...notes);
    this.#claims.unshift(...claims);
    this.#gathering ??= setTimeout(() => this.#write(), writeAgainMs);
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
        // Plans of several targets may be one initialization: one of them writes the root.
        const claimed = new Set<string>();
        for (const { initialization, tell } of claims) {
          tell(first.has(initialization) && !claimed.has(initialization));
          claimed.add(initialization);
        }
        this.#isAway = false;
      } catch (error) {
        this.#later(notes, claims);
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
