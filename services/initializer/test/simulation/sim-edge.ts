import type { InstanceKey, LedgerRecord } from '@reveille/contracts';
import { interval } from '@reveille/lifecycle';
import { applyRecord, type Broker, type Plan, type PlanState, planStatus, timing } from '@reveille/orchestration';

/** How often an edge renews its interest, milliseconds. */
const renewMs = 5000;

/** What an edge does to the ledger for users of some services: wants, wakes, reads again. Its view must never go backwards. */
export class SimEdge {
  readonly id: string;
  readonly plans = new Map<string, Plan>();
  readonly faults: string[] = [];
  readonly #broker: Broker;
  readonly #work: AsyncDisposable[];
  #state: PlanState = new Map();
  #now = 0;

  constructor(id: string, broker: Broker) {
    this.id = id;
    this.#broker = broker;
    const onError = () => undefined;
    this.#work = [
      interval(renewMs, () => this.#want(), { onError }),
      interval(timing.rereadMs.value, () => this.#read(), { onError }),
    ];
  }

  /** A user comes. What cannot be said now (Redis is away) is said with the next renewal. */
  async join(plan: Plan): Promise<void> {
    this.plans.set(plan.target, plan);
    await this.#want().catch(() => undefined);
    await this.#wake(plan.instances);
  }

  async #wake(instances: Plan['instances']): Promise<void> {
    const origin = {
      initialization: `${this.id}-${this.#now}`,
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    };
    const jobs = instances.map(({ instance, service, scope }) => ({
      ...({ version: 1, kind: 'reconcile', reason: 'wanted' } as const),
      ...{ instance, service, scope, origin },
    }));
    await this.#broker.wakeUps.reconcile(jobs).catch(() => undefined);
  }

  /** The last user goes. */
  async leave(): Promise<void> {
    const instances = this.#instances();
    this.plans.clear();
    await this.#broker.ledger.unwant(this.id, instances).catch(() => undefined);
  }

  stop(): void {
    for (const work of this.#work) void work[Symbol.asyncDispose]();
  }

  statusOf(plan: Plan): ReturnType<typeof planStatus> {
    return planStatus(plan, this.#state, this.#now);
  }

  recordOf(instance: InstanceKey): LedgerRecord | undefined {
    return this.#state.get(instance);
  }

  #instances() {
    return [...new Set([...this.plans.values()].flatMap((plan) => plan.instances.map((one) => one.instance)))];
  }

  async #want(): Promise<void> {
    if (this.plans.size > 0)
      this.#take(await this.#broker.ledger.want(this.id, this.#instances(), timing.interestTtlMs.value));
  }

  async #read(): Promise<void> {
    if (this.plans.size === 0) return;
    const readings = await this.#broker.ledger.read(this.#instances());
    this.#take(readings);
    // As edges do, where a first wake-up got lost and no sweep can name what is wanted by its key.
    const planned = [...this.plans.values()].flatMap((plan) => plan.instances);
    const unknown = new Set(readings.flatMap(({ instance, record }) => (record === undefined ? [instance] : [])));
    const unnamed = planned.filter(({ instance, scope }) => scope.kind !== 'global' && unknown.has(instance));
    if (unnamed.length > 0) await this.#wake(unnamed);
  }

  #take(readings: Awaited<ReturnType<Broker['ledger']['read']>>): void {
    for (const { record, now } of readings) {
      this.#now = Math.max(this.#now, now);
      if (record === undefined) continue;
      // As edges do that have no session on the generation before.
      const { instance, service, scope, draining } = record;
      const left = draining && { edge: this.id, generation: draining.generation };
      if (left && draining.edges.includes(this.id))
        void this.#broker.wakeUps
          .reconcile([{ ...{ version: 1, kind: 'reconcile', reason: 'sweep' }, instance, service, scope, left }])
          .catch(() => undefined);
      const before = this.#state.get(record.instance);
      this.#state = applyRecord(this.#state, record);
      const after = this.#state.get(record.instance);
      if (before && after && (after.generation < before.generation || after.revision < before.revision))
        this.faults.push(`${this.id} saw ${record.instance} go backwards`);
    }
  }
}
