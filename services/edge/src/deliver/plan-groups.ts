import type { InstanceKey, LedgerRecord, Origin, ReconcileJob } from '@reveille/contracts';
import { interval } from '@reveille/lifecycle';
import type { PlannedInstance, Reading, WakeUps } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import type { GroupOf, GroupParts } from './group-parts.ts';
import { LinePositions } from './line-positions.ts';
import { PlanGroup } from './plan-group.ts';
import { Talks } from './talks.ts';

type Options = Omit<GroupParts, 'wake' | 'positions' | 'talks'> & { edge: string; wakeUps: WakeUps; logger: Logger };

/** Who has just begun to stand in line is told the number after this: most starts have had their turn by then. Milliseconds. */
const askAfterMs = 100;

/** All plans that sessions of this edge need, found by instance. Each change reaches only the groups that it concerns. */
export class PlanGroups implements AsyncDisposable {
  readonly #parts: GroupParts;
  readonly #options: Options;
  readonly #positions: LinePositions;
  readonly #talks: Talks;
  /** Bounded by the sessions of this edge; those without any are forgotten with their reading. */
  readonly #groups = new Map<string, PlanGroup>();
  readonly #byInstance = new Map<InstanceKey, Set<PlanGroup>>();
  readonly #rereading: AsyncDisposable;
  #asking: NodeJS.Timeout | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#positions = new LinePositions(options.wakeUps);
    this.#talks = new Talks({ edge: options.edge, wake: (job) => void this.#add([job]) });
    this.#parts = {
      ...options,
      talks: this.#talks,
      positions: this.#positions,
      wake: (instances, reason, origin) => void this.wake(instances, reason, origin),
    };
    // What a lost or delayed publish left out: a plan with waiters is never older than this.
    this.#rereading = interval(options.freshMs, () => this.#rereadWaiting(), {
      onError: (error) => options.logger.warn({ err: error }, 'plans with waiters could not be read; trying again'),
    });
  }

  /** The group of this target under this catalog. */
  groupFor(of: GroupOf & { digest: string }): PlanGroup {
    const key = `${of.digest}/${of.name}/${of.plan.target}`;
    const known = this.#groups.get(key);
    if (known) return known;
    const group = new PlanGroup(of, this.#parts);
    this.#groups.set(key, group);
    for (const instance of group.knowledge.instances) {
      const groups = this.#byInstance.get(instance) ?? new Set();
      this.#byInstance.set(instance, groups.add(group));
    }
    return group;
  }

  get waiting(): number {
    return [...this.#groups.values()].reduce((sum, group) => sum + group.waiting, 0);
  }

  /** Sessions of this edge by entrypoint, and how many of them wait. */
  counts(): Record<string, { open: number; waiting: number }> {
    const counts: Record<string, { open: number; waiting: number }> = {};
    for (const { name, sessions, waiting } of this.#groups.values()) {
      if (sessions === 0) continue;
      const one = (counts[name] ??= { open: 0, waiting: 0 });
      one.open += sessions;
      one.waiting += waiting;
    }
    return counts;
  }

  /** The longest time that any who wait have been told nothing, milliseconds. */
  get silentMs(): number {
    return Math.max(0, ...[...this.#groups.values()].map((group) => group.silentMs));
  }

  apply(record: LedgerRecord): void {
    for (const group of this.#byInstance.get(record.instance) ?? []) group.apply(record);
    this.#talks.look(record);
    this.#askFor([record]);
  }

  hear(readings: readonly Reading[]): void {
    const concerned = new Map<PlanGroup, Reading[]>();
    for (const reading of readings) {
      for (const group of this.#byInstance.get(reading.instance) ?? []) {
        const own = concerned.get(group);
        if (own === undefined) concerned.set(group, [reading]);
        else own.push(reading);
      }
    }
    for (const [group, own] of concerned) group.hear(own);
    for (const { record } of readings) this.#talks.look(record);
    this.#askFor(readings.map(({ record }) => record));
  }

  /** Something may have been missed: everything is read again. */
  async rereadAll(): Promise<void> {
    await this.#reread(() => true);
  }

  /** Adds wake-ups; never rejects, since a lost one is repaired: by the sweep of the initializers, or by the next reading here. */
  async wake(instances: readonly PlannedInstance[], reason: ReconcileJob['reason'], origin?: Origin): Promise<void> {
    if (instances.length === 0) return;
    const jobs = instances.map(({ instance, service, scope }): ReconcileJob => ({
      version: 1,
      kind: 'reconcile',
      instance,
      service,
      scope,
      reason,
      ...(origin === undefined ? {} : { origin }),
    }));
    await this.#add(jobs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#asking);
    await this.#rereading[Symbol.asyncDispose]();
  }

  async #add(jobs: readonly ReconcileJob[]): Promise<void> {
    try {
      await this.#options.wakeUps.reconcile(jobs);
    } catch (error) {
      this.#options.logger.warn(
        { err: error, reason: jobs[0]?.reason },
        'a wake-up could not be added; it is tried again while somebody waits',
      );
    }
  }

  async #rereadWaiting(): Promise<void> {
    const waiting = (group: PlanGroup) => group.waiting > 0;
    await this.#reread(waiting);
    const groups = [...this.#groups.values()].filter(waiting);
    for (const group of groups) group.remind();
    await this.#tellPositions(groups);
  }

  /** Numbers in line that are not known yet are asked for soon, in one round trip for all of them. */
  #askFor(records: readonly (LedgerRecord | undefined)[]): void {
    const isNew = records.some((record) => record?.state === 'queued' && this.#positions.of(record) === undefined);
    if (!isNew) return;
    this.#asking ??= setTimeout(() => {
      this.#asking = undefined;
      this.#tellPositions([...this.#groups.values()].filter((group) => group.waiting > 0)).catch((error: unknown) =>
        this.#options.logger.debug({ err: error }, 'numbers in line could not be asked for; trying again'),
      );
    }, askAfterMs);
  }

  async #tellPositions(groups: readonly PlanGroup[]): Promise<void> {
    const moved = await this.#positions.refresh(groups.flatMap((group) => [...group.knowledge.state.values()]));
    if (moved.size > 0) for (const group of groups) group.tellPositions(moved);
  }

  async #reread(which: (group: PlanGroup) => boolean): Promise<void> {
    this.#forget();
    const wanted = [...this.#groups.values()].filter(which).flatMap((group) => group.knowledge.instances);
    this.hear(await this.#options.interest.read([...new Set(wanted)]));
  }

  #forget(): void {
    for (const [key, group] of this.#groups) {
      if (!group.forgettable) continue;
      this.#groups.delete(key);
      for (const instance of group.knowledge.instances) {
        const groups = this.#byInstance.get(instance);
        groups?.delete(group);
        if (groups?.size === 0) this.#byInstance.delete(instance);
      }
    }
  }
}
