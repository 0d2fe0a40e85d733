import type { InstanceKey } from '@reveille/contracts';
import type { Commit, Reading, RunName } from '@reveille/orchestration';
import { runNameOf, timing } from '@reveille/orchestration';
import { claimOf } from '../../src/watch/leftovers.ts';
import { deskLimit } from './catalog.ts';
import type { Executor, Run } from './executor.ts';

/** What may pass between the end of a claim and the end of what it ran: the deadline, a slow end, and frozen hands. */
const unownedBoundMs = timing.reapDeadlineMs.value + 5000;

/** Changes that end or take a claim, and those that only its holder makes. */
const endsClaim = new Set(['claimed', 'ready', 'stopping', 'attempt_failed', 'failed', 'stopped']);
const db = 'db~global' as InstanceKey;
const restartsWithDb = /^(app|tools)~/;
const ofHolder = new Set(['ready', 'attempt_failed', 'progress']);

/** Decides the invariants of `ARCHITECTURE.md` from what is committed and what runs. */
export class Checker {
  readonly faults: string[] = [];
  /** What happened, to know that the simulation was about something. */
  readonly seen: Record<string, number> = {};
  readonly #readingOf: (instance: InstanceKey) => Promise<Reading | undefined>;
  readonly #readied = new Map<InstanceKey, number>();
  readonly #epochs = new Map<InstanceKey, number>();
  readonly #unownedSince = new Map<string, number>();
  readonly #records = new Map<InstanceKey, Commit['record']>();
  readonly #leases = new Map<InstanceKey, { owner: string; until: number }>();
  /** The generation of `db` that each run was started on, of those that are restarted with it. */
  readonly #startedOn = new Map<string, number | undefined>();
  readonly #log: string[] = [];
  #flushed = false;

  constructor(readingOf: (instance: InstanceKey) => Promise<Reading | undefined>) {
    this.#readingOf = readingOf;
  }

  /** The last things that happened, for a failing seed. */
  get story(): string {
    return this.#log.slice(-60).join('\n');
  }

  note(what: string): void {
    this.#log.push(`${(performance.now() / 1000).toFixed(2)} ${what}`);
    const kind = what.split(' ')[0] ?? what;
    this.seen[kind] = (this.seen[kind] ?? 0) + 1;
  }

  emptied(): void {
    this.note('emptied');
    this.#records.clear();
    this.#epochs.clear();
    this.#leases.clear();
    this.#flushed = true;
  }

  gone(process: string): void {
    this.note(`crashed ${process}`);
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
      this.#fault(`${by} committed "${change}" of ${instance} under the claim of ${held.owner}`);
    const succeeds = before?.state === 'ready';
    const holder = succeeds ? before.successor?.owner : before?.owner;
    if (ofHolder.has(change) && holder !== by)
      this.#fault(`${by} committed "${change}" of ${instance}, which ${holder} holds`);
    if (succeeds && change === 'ready') this.note(`replaced ${instance}`);
    if (before?.draining && !record.draining && record.state === 'ready') this.note(`drained ${instance}`);
    if (record.successor?.failed && !before?.successor?.failed) this.note(`not-replaced ${instance}`);
    if (lease === 'release') this.#leases.delete(instance);
    else if (lease) this.#leases.set(instance, { owner: lease.owner, until: Date.now() + lease.ttlMs });
    this.note(
      `${change} ${instance} ${record.state} g${generation % 1e7} a${attempt} ${owner ?? ''} ${dependents.join()}`,
    );
    this.#records.set(instance, record);
    // After a failure one start of one attempt is let through, not the whole series again.
    if (change === 'attempt_failed' && record.strikes) this.#fault(`${by} tries ${instance} again within its trial`);
    if (record.strikes) this.seen['trial'] = (this.seen['trial'] ?? 0) + (change === 'claimed' ? 1 : 0);
    if (change === 'failed' && record.failure?.code === 'quota_exceeded') this.note(`refused ${instance}`);
    if (epoch < (this.#epochs.get(instance) ?? 0)) this.#fault(`the epoch of ${instance} fell`);
    this.#epochs.set(instance, epoch);
    if (change !== 'ready') return;
    const last = this.#readied.get(instance) ?? -1;
    if (generation <= last) this.#fault(`${instance} became ready twice, or in an older generation`);
    this.#readied.set(instance, generation);
    const startedOn = this.#startedOn.get(runNameOf(record));
    if (startedOn !== undefined && startedOn !== record.dependencyGenerations?.[db])
      this.#fault(`${instance} became ready on another db than the record says, and is not restarted with it`);
  }

  started(run: Run): void {
    this.note(`started ${run.name}`);
    const record = this.#records.get(run.instance);
    if (record === undefined || !restartsWithDb.test(run.instance)) return;
    const { dependencyGenerations } = record.successor?.generation === run.generation ? record.successor : record;
    this.#startedOn.set(run.name, dependencyGenerations?.[db]);
  }

  /** 2: nothing ready, and nothing that another has claimed, is stopped. */
  stopping({ instance, generation, name }: RunName, by: string): void {
    this.note(`stop-run ${name} by ${by}`);
    const record = this.#records.get(instance);
    if (record?.state === 'ready' && record.draining?.generation === generation && !record.draining.over)
      this.#fault(`${by} stopped ${name}, which still serves those who were on it`);
    if (record?.successor?.generation === generation && record.state === 'ready' && record.successor.owner !== by)
      if ((this.#leases.get(instance)?.owner ?? by) !== by)
        this.#fault(`${by} stopped ${name}, which ${record.successor.owner} is starting`);
    if (record?.generation !== generation) return;
    if (record.state === 'ready') this.#fault(`${by} stopped ${name}, which is ready`);
    if (record.state === 'starting' && record.owner !== by)
      this.#fault(`${by} stopped ${name}, which ${record.owner} is starting`);
  }

  /** 2: nothing runs unowned for longer than the reap deadline. Called again and again. */
  async look(executor: Executor): Promise<void> {
    for (const run of executor.runs.values()) {
      const reading = await this.#readingOf(run.instance);
      if (claimOf(run, reading, 'anywhere') === 'claimed') this.#unownedSince.delete(run.name);
      else if (!this.#unownedSince.has(run.name)) this.#unownedSince.set(run.name, performance.now());
      else if (performance.now() - (this.#unownedSince.get(run.name) ?? 0) > unownedBoundMs)
        this.#fault(`${run.name} has run unowned for more than ${unownedBoundMs} ms`);
    }
    for (const name of this.#unownedSince.keys()) if (!executor.runs.has(name)) this.#unownedSince.delete(name);
    // What a lost ledger forgot may overlap with its successor until it is reaped; otherwise one ends before the next begins.
    if (this.#flushed) return;
    const desks = [...executor.runs.values()].filter(({ instance }) => instance.startsWith('desk~'));
    if (desks.length > deskLimit) this.#fault(`${desks.length} desks run at once, and ${deskLimit} may`);
    const instances = [...executor.runs.values()].map((run) => run.instance);
    for (const instance of new Set(instances)) {
      const { successor, draining } = this.#records.get(instance) ?? {};
      const known = executor
        .of(instance)
        .filter(({ generation }) => generation !== successor?.generation && generation !== draining?.generation);
      if (known.length > 1) this.#fault(`two generations of ${instance} run at once`);
    }
  }

  #fault(what: string): void {
    if (!this.faults.includes(what)) this.faults.push(what);
  }
}
