import {
  instanceTimeline,
  type Members,
  type Run,
  type RunEnd,
  type RunWait,
  type Timelines,
} from '@reveille/orchestration';
import { ATTRIBUTE, failSpan, SPAN, startSpan } from '@reveille/telemetry';

/** The newest initializations, which are looked at when an edge is gone: as many as are found. */
const newestRuns = 200;
/** Whoever has not announced itself for so long is gone, milliseconds: while Redis is away nobody does, and nobody is. */
const goneAfterMs = 15_000;
/** How long it is waited for the end of one that nobody waits for any more, milliseconds. */
const patienceMs = 3600_000;

/**
 * Spans that edges owe when they are killed: the wait of each of their users, and the root of an initialization whose users were all theirs.
 * Any number of relays may do this: each span is written by the first that claims it.
 */
export class LostEdges {
  readonly #id: string;
  readonly #timelines: Pick<Timelines, 'note' | 'read' | 'run' | 'runs'>;
  readonly #members: Pick<Members, 'alive'>;
  readonly #now: () => number;
  /** When each edge was seen last, and since when it is looked: whoever was not seen since then is gone too. */
  readonly #seen = new Map<string, number>();
  readonly #since: number;
  #lookedAtAll = false;
  /** Initializations whose spans are not all written. */
  readonly #owed = new Set<string>();

  /** @param of `id`: of this relay; `now`: monotonic milliseconds */
  constructor(of: {
    id: string;
    timelines: Pick<Timelines, 'note' | 'read' | 'run' | 'runs'>;
    members: Pick<Members, 'alive'>;
    now?: () => number;
  }) {
    this.#id = of.id;
    this.#timelines = of.timelines;
    this.#members = of.members;
    this.#now = of.now ?? (() => performance.now());
    this.#since = this.#now();
  }

  /** Reads which edges live, and more only where one is gone or something is still owed. @throws BrokerUnavailable */
  async look(): Promise<void> {
    const alive = (await this.#members.alive()).filter(({ kind }) => kind === 'edge');
    for (const { id } of alive) this.#seen.set(id, this.#now());
    const gone = [...this.#seen.keys()].filter((id) => this.#isGone(id));
    // At first nobody knows who was there before.
    const isFirst = !this.#lookedAtAll && this.#now() - this.#since > goneAfterMs;
    if (gone.length > 0 || isFirst) {
      for (const id of await this.#timelines.runs({ by: 'all' }, newestRuns)) this.#owed.add(id);
      for (const id of gone) this.#seen.delete(id);
      this.#lookedAtAll ||= isFirst;
    }
    for (const id of this.#owed) if (await this.#settle(id)) this.#owed.delete(id);
  }

  #isGone(edge: string): boolean {
    return this.#now() - (this.#seen.get(edge) ?? this.#since) > goneAfterMs;
  }

  /** Resolves with whether nothing more is owed of it. */
  async #settle(id: string): Promise<boolean> {
    const run = await this.#timelines.run(id);
    const traceparent = run?.head.traceparent;
    if (run === undefined || traceparent === undefined) return true;
    const open = run.waits.filter(({ to }) => to === undefined);
    const lost = open.filter(({ edge }) => this.#isGone(edge));
    const end = lost.length > 0 || run.rootBy === undefined ? await this.#endOf(run) : undefined;
    for (const wait of lost) await this.#writeWait(run, wait, { traceparent, end });
    // An edge that lives writes it; should that one go too, it is looked at again.
    if (run.rootBy !== undefined || lost.length < open.length) return true;
    if (end === undefined) return Date.now() - run.head.startedAt > patienceMs;
    await this.#writeRoot(run, end, traceparent);
    return true;
  }

  async #writeWait(
    { head }: Run,
    wait: RunWait,
    { traceparent, end }: { traceparent: string; end: RunEnd | undefined },
  ): Promise<void> {
    if (!(await this.#claim(head.initialization, wait.session))) return;
    const span = startSpan(SPAN.wait, {
      ...{ parent: null, links: [traceparent], startTime: wait.from },
      attributes: {
        [ATTRIBUTE.entrypoint]: head.entrypoint,
        [ATTRIBUTE.initialization]: head.initialization,
        [ATTRIBUTE.session]: wait.session,
        [ATTRIBUTE.outcome]: 'edge_lost',
      },
    });
    failSpan(span.span, 'edge_lost');
    // Nobody knows when its edge died: not after the end.
    span.end({ endTime: Math.max(wait.from, Math.min(Date.now(), end?.at ?? Date.now())) });
  }

  async #writeRoot({ head }: Run, { at, outcome }: RunEnd, traceparent: string): Promise<void> {
    if (!(await this.#claim(head.initialization))) return;
    const { span, end } = startSpan(SPAN.initialization, {
      ...{ parent: null, as: traceparent, startTime: head.startedAt },
      attributes: {
        [ATTRIBUTE.entrypoint]: head.entrypoint,
        [ATTRIBUTE.initialization]: head.initialization,
        [ATTRIBUTE.outcome]: outcome,
      },
    });
    if (outcome !== 'ready' && outcome !== 'abandoned') failSpan(span, outcome);
    end({ endTime: Math.max(head.startedAt, at) });
  }

  /** As an edge saw it, else what became of the target. Undefined while that is under way. */
  async #endOf({ head, end, generations }: Run): Promise<RunEnd | undefined> {
    if (end !== undefined) return end;
    const generation = generations.get(head.target)?.at(-1);
    if (generation === undefined) return undefined;
    const { entries, keptBefore } = await this.#timelines.read(head.target, generation);
    const timeline = instanceTimeline(entries, Date.now(), keptBefore);
    switch (timeline?.outcome) {
      case 'ready':
        return { at: timeline.to, outcome: 'ready' };
      case 'failed':
        return { at: timeline.to, outcome: timeline.failure?.code ?? 'failed' };
      case 'cancelled':
        return { at: timeline.to, outcome: 'abandoned' };
      default:
        return undefined;
    }
  }

  async #claim(initialization: string, session?: string): Promise<boolean> {
    const which = session === undefined ? {} : { session };
    const claimed = await this.#timelines.note([{ kind: 'claimed', initialization, by: this.#id, ...which }]);
    return claimed.has(initialization);
  }
}
