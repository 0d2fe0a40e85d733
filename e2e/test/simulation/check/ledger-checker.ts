import type { InstanceKey, LedgerRecord } from '@reveille/contracts';
import type { Commit, Reading, RunName } from '@reveille/orchestration';
import { runNameOf, timing } from '@reveille/orchestration';
import { claimOf } from '@reveille/initializer';
import { deskLimit } from '../catalog.ts';
import type { Executor, Run } from '../executor.ts';
import type { Faults } from './faults.ts';

/** What may pass between the end of a claim and the end of what it ran: the deadline, and a slow end. */
const unownedBoundMs = timing.reapDeadlineMs.value + 5000;

/** Changes that end or take a claim, and those that only its holder makes. */
const endsClaim = new Set(['claimed', 'ready', 'stopping', 'attempt_failed', 'failed', 'stopped']);
const db = 'db~global' as InstanceKey;
const restartsWithDb = /^(app|tools)~/;
const ofHolder = new Set(['ready', 'attempt_failed', 'progress']);

/** Decides the invariants 1 and 2 of `ARCHITECTURE.md` from what is committed and what runs. */
export class LedgerChecker {
  readonly #faults: Faults;
  readonly #readingOf: (instance: InstanceKey) => Promise<Reading | undefined>;
  readonly #readied = new Map<InstanceKey, number>();
  readonly #epochs = new Map<InstanceKey, number>();
  readonly #unownedSince = new Map<string, number>();
  readonly #records = new Map<InstanceKey, Commit['record']>();
  readonly #leases = new Map<InstanceKey, { owner: string; until: number }>();
  /** The generation of `db` that each run was started on, of those that are restarted with it. */
  readonly #startedOn = new Map<string, number | undefined>();
  /** All that was committed, in order. */
  readonly #history = new Map<InstanceKey, LedgerRecord[]>();
  readonly #everReady = new Set<string>();
  /** Who was stopping what when the ledger lost it: until he asks it again, he goes on. */
  readonly #lostStops = new Map<InstanceKey, string>();
  /** What had been drained when the ledger lost it: it is stopped. */
  readonly #lostDrains = new Set<string>();
  #flushed = false;

  constructor(faults: Faults, readingOf: (instance: InstanceKey) => Promise<Reading | undefined>) {
    this.#faults = faults;
    this.#readingOf = readingOf;
  }

  history(instance: InstanceKey): readonly LedgerRecord[] {
    return this.#history.get(instance) ?? [];
  }

  get instances(): InstanceKey[] {
    return [...this.#history.keys()];
  }

  wasReady({ name }: RunName): boolean {
    return this.#everReady.has(name);
  }

  emptied(): void {
    this.#faults.note('emptied');
    this.#forget();
  }

  /** The last that was committed is lost, and may be committed anew: also that a generation is ready. */
  async failedOver(): Promise<void> {
    this.#faults.note('failed-over');
    this.#forget();
    // Known, and told of in `docs/reliability.md`: what ran under a claim that is lost may be adopted by one that was made for a newer `db`.
    this.#startedOn.clear();
    const readings = this.instances.map(async (instance) => [instance, await this.#readingOf(instance)] as const);
    for (const [instance, { record, lease } = {}] of await Promise.all(readings)) {
      const last = this.#readied.get(instance);
      // Of several that were readied since, the replica knows none.
      const ready = record?.state === 'ready' ? record.generation : (record?.generation ?? last ?? 0) - 1;
      if (last !== undefined) this.#readied.set(instance, Math.min(last, ready));
      if (lease !== undefined) this.#leases.set(instance, lease);
      if (record === undefined) continue;
      this.#records.set(instance, record);
      this.#epochs.set(instance, record.epoch);
    }
  }

  renewed(instance: InstanceKey, { owner, ttlMs }: { owner: string; ttlMs: number }): void {
    this.#leases.set(instance, { owner, until: Date.now() + ttlMs });
  }

  /** 1: one generation at a time is committed as ready, each once, by whoever holds its claim; generations and epochs only rise. */
  committed({ record, change, lease }: Commit, by: string): void {
    const { instance, generation, epoch, attempt, owner, dependents } = record;
    const before = this.#records.get(instance);
    const held = this.#leases.get(instance);
    const exclusive = before?.state === 'starting' || before?.state === 'stopping';
    if (exclusive && held && held.owner !== by && held.until > Date.now() && endsClaim.has(change))
      this.#faults.add(`${by} committed "${change}" of ${instance} under the claim of ${held.owner}`);
    const succeeds = before?.state === 'ready';
    const holder = succeeds ? before.successor?.owner : before?.owner;
    if (ofHolder.has(change) && holder !== by)
      this.#faults.add(`${by} committed "${change}" of ${instance}, which ${holder} holds`);
    if (succeeds && change === 'ready') this.#faults.note(`replaced ${instance}`);
    if (before?.draining && !record.draining && record.state === 'ready') this.#faults.note(`drained ${instance}`);
    if (record.successor?.failed && !before?.successor?.failed) this.#faults.note(`not-replaced ${instance}`);
    if (lease === 'release') this.#leases.delete(instance);
    else if (lease) this.#leases.set(instance, { owner: lease.owner, until: Date.now() + lease.ttlMs });
    this.#faults.note(
      `${change} ${instance} ${record.state} g${generation % 1e7} a${attempt} ${owner ?? ''} ${dependents.join()}`,
    );
    this.#records.set(instance, record);
    const history = this.#history.get(instance) ?? [];
    this.#history.set(instance, history);
    history.push(record);
    // After a failure one start of one attempt is let through, not the whole series again.
    if (change === 'attempt_failed' && record.strikes)
      this.#faults.add(`${by} tries ${instance} again within its trial`);
    if (record.strikes && change === 'claimed') this.#faults.count('trial');
    if (change === 'failed' && record.failure?.code === 'quota_exceeded') this.#faults.note(`refused ${instance}`);
    if (epoch < (this.#epochs.get(instance) ?? 0)) this.#faults.add(`the epoch of ${instance} fell`);
    this.#epochs.set(instance, epoch);
    if (change !== 'ready') return;
    const last = this.#readied.get(instance) ?? -1;
    if (generation <= last) this.#faults.add(`${instance} became ready twice, or in an older generation`);
    this.#readied.set(instance, generation);
    this.#everReady.add(runNameOf(record));
    const startedOn = this.#startedOn.get(runNameOf(record));
    if (startedOn !== undefined && startedOn !== record.dependencyGenerations?.[db])
      this.#faults.add(`${instance} became ready on another db than the record says, and is not restarted with it`);
  }

  started(run: Run): void {
    this.#faults.note(`started ${run.name}`);
    const record = this.#records.get(run.instance);
    if (record === undefined || !restartsWithDb.test(run.instance)) return;
    const { dependencyGenerations } = record.successor?.generation === run.generation ? record.successor : record;
    this.#startedOn.set(run.name, dependencyGenerations?.[db]);
  }

  /** 2: nothing ready, and nothing that another has claimed, is stopped. */
  stopping({ instance, generation, name }: RunName, by: string): void {
    this.#faults.note(`stop-run ${name} by ${by}`);
    const record = this.#records.get(instance);
    const wasOver = this.#lostDrains.has(name);
    if (record?.state === 'ready' && record.draining?.generation === generation && !record.draining.over && !wasOver)
      this.#faults.add(`${by} stopped ${name}, which still serves those who were on it`);
    if (record?.successor?.generation === generation && record.state === 'ready' && record.successor.owner !== by)
      if ((this.#leases.get(instance)?.owner ?? by) !== by)
        this.#faults.add(`${by} stopped ${name}, which ${record.successor.owner} is starting`);
    if (record?.generation !== generation || this.#lostStops.get(instance) === by) return;
    if (record.state === 'ready') this.#faults.add(`${by} stopped ${name}, which is ready`);
    if (record.state === 'starting' && record.owner !== by)
      this.#faults.add(`${by} stopped ${name}, which ${record.owner} is starting`);
  }

  #forget(): void {
    for (const [instance, record] of this.#records) {
      const { state, owner, draining } = record;
      if (state === 'stopping' && owner !== undefined) this.#lostStops.set(instance, owner);
      if (draining?.over) this.#lostDrains.add(runNameOf({ ...record, generation: draining.generation }));
    }
    this.#records.clear();
    this.#epochs.clear();
    this.#leases.clear();
    this.#flushed = true;
  }

  /**
   * 2: nothing runs unowned for longer than the reap deadline. Called again and again.
   * @param seenSince since when one initializer has lived, acted and read the ledger without a break: to be reaped, what runs has to be seen
   *   as a leftover all the time by one of them, and whoever comes or comes back begins anew
   */
  async look(executor: Executor, seenSince: number): Promise<void> {
    for (const run of executor.runs.values()) {
      const reading = await this.#readingOf(run.instance);
      if (claimOf(run, reading, 'anywhere') === 'claimed') this.#unownedSince.delete(run.name);
      else if (!this.#unownedSince.has(run.name)) this.#unownedSince.set(run.name, performance.now());
      else if (performance.now() - Math.max(this.#unownedSince.get(run.name) ?? 0, seenSince) > unownedBoundMs)
        this.#faults.add(`${run.name} has run unowned for more than ${unownedBoundMs} ms`);
    }
    for (const name of this.#unownedSince.keys()) if (!executor.runs.has(name)) this.#unownedSince.delete(name);
    // What a lost ledger forgot may overlap with its successor until it is reaped; otherwise one ends before the next begins.
    if (this.#flushed) return;
    const desks = [...executor.runs.values()].filter(({ instance }) => instance.startsWith('desk~'));
    if (desks.length > deskLimit) this.#faults.add(`${desks.length} desks run at once, and ${deskLimit} may`);
    const instances = [...executor.runs.values()].map((run) => run.instance);
    for (const instance of new Set(instances)) {
      const { successor, draining } = this.#records.get(instance) ?? {};
      const known = executor
        .of(instance)
        .filter(({ generation }) => generation !== successor?.generation && generation !== draining?.generation);
      if (known.length > 1) this.#faults.add(`two generations of ${instance} run at once`);
    }
  }
}
