import {
  instanceTimeline,
  type Members,
  type Run,
  type RunEnd,
  type RunWait,
  type Timelines,
} from '@reveille/orchestration';
import { ATTRIBUTE, failSpan, SPAN, startSpan } from '@reveille/telemetry';

/** The newest initializations, which are looked at when an edge is gone. */
const newestRuns = 50;
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
  #alive: ReadonlySet<string> | undefined;
  /** Initializations whose spans are not all written. */
  readonly #owed = new Set<string>();

  /** @param of `id`: of this relay */
  constructor(of: {
    id: string;
    timelines: Pick<Timelines, 'note' | 'read' | 'run' | 'runs'>;
    members: Pick<Members, 'alive'>;
  }) {
    this.#id = of.id;
    this.#timelines = of.timelines;
    this.#members = of.members;
  }

  /** Reads which edges live, and more only where one is gone or something is still owed. @throws BrokerUnavailable */
  async look(): Promise<void> {
    const before = this.#alive;
    const alive = new Set((await this.#members.alive()).filter(({ kind }) => kind === 'edge').map(({ id }) => id));
    this.#alive = alive;
    if (before === undefined || [...before].some((id) => !alive.has(id)))
      for (const id of await this.#timelines.runs({ by: 'all' }, newestRuns)) this.#owed.add(id);
    for (const id of this.#owed) if (await this.#settle(id, alive)) this.#owed.delete(id);
  }

  /** Resolves with whether nothing more is owed of it. */
  async #settle(id: string, alive: ReadonlySet<string>): Promise<boolean> {
    const run = await this.#timelines.run(id);
    const traceparent = run?.head.traceparent;
    if (run === undefined || traceparent === undefined) return true;
    const open = run.waits.filter(({ to }) => to === undefined);
    for (const wait of open) if (!alive.has(wait.edge)) await this.#writeWait(run, wait, traceparent);
    if (run.rootBy !== undefined || open.some(({ edge }) => alive.has(edge))) return true;
    const end = await this.#endOf(run);
    if (end === undefined) return Date.now() - run.head.startedAt > patienceMs;
    await this.#writeRoot(run, end, traceparent);
    return true;
  }

  async #writeWait({ head }: Run, wait: RunWait, traceparent: string): Promise<void> {
    if (!(await this.#claim(head.initialization, wait.session))) return;
    const { span, end } = startSpan(SPAN.wait, {
      ...{ parent: null, links: [traceparent], startTime: wait.from },
      attributes: {
        [ATTRIBUTE.entrypoint]: head.entrypoint,
        [ATTRIBUTE.initialization]: head.initialization,
        [ATTRIBUTE.session]: wait.session,
        [ATTRIBUTE.outcome]: 'edge_lost',
      },
    });
    failSpan(span, 'edge_lost');
    end();
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
    end({ endTime: at });
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
