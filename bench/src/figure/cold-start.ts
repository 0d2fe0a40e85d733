import type { InstanceKey, LedgerRecord } from '@reveille/contracts';
import type { Stage } from '../stage/stage.ts';
import type { RecordedStart } from '../stage/start-log.ts';
import { durationOf, longestPath, type ServicePlan } from './longest-path.ts';
import { Visitor } from '../stage/visitor.ts';

export type ColdPlan = ServicePlan & {
  readonly entrypoint: string;
  readonly user: string;
  readonly signal: AbortSignal;
};

/** One cold start as its user saw it, beside what its services say of themselves and what the ledger noted. */
export type ColdStart = {
  /** `hello` → `initialization_completed`. */
  readonly totalMs: number;
  /** The longest way through the services' own start times: what no supervisor could save. */
  readonly ownMs: number;
  readonly helloAt: number;
  readonly completedAt: number;
  /** In the order of the critical path, lowest first. */
  readonly path: readonly { readonly start: RecordedStart; readonly record: LedgerRecord }[];
};

/** Lets one user in who finds everything cold, and waits until everything has stopped again. */
export async function coldStart(
  stage: Stage,
  plan: ColdPlan,
  meanwhile: (visitor: Visitor) => Promise<void> = async () => undefined,
): Promise<ColdStart> {
  const { entrypoint, user, services, signal } = plan;
  let started: ColdStart;
  let starts: RecordedStart[];
  {
    await using visitor = await Visitor.arrive(stage.url, entrypoint, user);
    const { helloAt, completedAt } = visitor.moments;
    starts = await stage.starts.latest(services);
    const readings = await stage.broker.ledger.read(starts.map(({ instance }) => instance as InstanceKey));
    const path = longestPath(starts, plan).map((start) => {
      const record = readings.find(({ instance }) => instance === start.instance)?.record;
      if (record?.generation !== start.generation) throw new Error(`${start.service} was not started in this round`);
      return { start, record };
    });
    started = {
      totalMs: completedAt - helloAt,
      ownMs: path.reduce((sum, { start }) => sum + durationOf(start), 0),
      helloAt: performance.timeOrigin + helloAt,
      completedAt: performance.timeOrigin + completedAt,
      path,
    };
    await meanwhile(visitor);
  }
  await stage.starts.gone(starts, signal);
  return started;
}
