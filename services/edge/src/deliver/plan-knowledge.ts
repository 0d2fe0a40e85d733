import type { InstanceKey, LedgerRecord } from '@reveille/contracts';
import {
  applyRecord,
  type Plan,
  type PlannedInstance,
  type PlanState,
  type PlanStatus,
  planStatus,
  type Reading,
} from '@reveille/orchestration';
import type { LedgerClock } from '../want/ledger-clock.ts';
import type { SeenGenerations } from '../want/seen-generations.ts';

type Parts = { readonly clock: LedgerClock; readonly seen: SeenGenerations; readonly freshMs: number };

/** Two states of a plan, before and after news that changed something. */
export type Change = { readonly before: PlanState; readonly after: PlanState };

/** What this edge knows of one plan. News may come twice, late and in any order; knowledge never goes backwards. */
export class PlanKnowledge {
  readonly plan: Plan;
  readonly instances: readonly InstanceKey[];
  readonly #parts: Parts;
  #state: PlanState = new Map();
  /** Of records that are no more: what was on its way before is not news. */
  readonly #gone = new Map<InstanceKey, number>();
  /** Of the last reading, monotonic. */
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(plan: Plan, parts: Parts) {
    this.plan = plan;
    this.instances = plan.instances.map(({ instance }) => instance);
    this.#parts = parts;
  }

  get state(): PlanState {
    return this.#state;
  }

  get status(): PlanStatus {
    return this.statusIn(undefined);
  }

  /** As those see it who wait in this initialization. */
  statusIn(initialization: string | undefined): PlanStatus {
    return planStatus(this.plan, this.#state, this.#parts.clock.now(), initialization);
  }

  /** Read a short while ago: fresh enough for one more user. */
  get isFresh(): boolean {
    return performance.now() - this.#readAt < this.#parts.freshMs;
  }

  get target(): LedgerRecord | undefined {
    return this.#state.get(this.plan.target);
  }

  record(instance: InstanceKey): LedgerRecord | undefined {
    return this.#state.get(instance);
  }

  /** Services of the plan that are not ready, dependencies first. */
  missing(): PlannedInstance[] {
    return this.plan.instances.filter(({ instance }) => this.#state.get(instance)?.state !== 'ready');
  }

  /** Those of the missing that no initializer has begun, as far as is known. */
  unbegun(): PlannedInstance[] {
    return this.missing().filter(({ instance }) => {
      const state = this.state.get(instance)?.state ?? 'cold';
      return state === 'cold' || state === 'failed';
    });
  }

  /** What readings of this plan say: newer records, and records that are no more. */
  hear(own: readonly Reading[]): Change | undefined {
    if (own.length === this.instances.length) this.#readAt = performance.now();
    const gone = own.filter(({ instance, record, nowUs }) => {
      const known = this.#state.get(instance);
      return record === undefined && known !== undefined && known.revision < nowUs;
    });
    return this.apply(
      own.flatMap(({ record }) => record ?? []),
      gone.map(({ instance }) => instance),
    );
  }

  /** Older revisions and generations change nothing. */
  apply(records: readonly LedgerRecord[], gone: readonly InstanceKey[] = []): Change | undefined {
    const before = this.#state;
    let after = before;
    for (const record of records) {
      const isOld = record.revision <= (this.#gone.get(record.instance) ?? 0);
      if (!isOld && this.instances.includes(record.instance) && this.#parts.seen.admits(record))
        after = applyRecord(after, record);
    }
    for (const instance of gone) this.#gone.set(instance, after.get(instance)?.revision ?? 0);
    if (gone.length > 0) after = new Map([...after].filter(([instance]) => !gone.includes(instance)));
    this.#state = after;
    return after === before ? undefined : { before, after };
  }
}

export function plannedOf(plan: Plan, instance: InstanceKey): PlannedInstance {
  const planned = plan.instances.find((one) => one.instance === instance);
  if (planned === undefined) throw new Error(`${instance} is not in its own plan`);
  return planned;
}
