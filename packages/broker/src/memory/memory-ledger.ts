import type { InstanceKey, LedgerRecord, Origin } from '@reveille/contracts';
import type { Commit, CommitResult, EdgeId, Interest, Ledger, Reading } from '@reveille/orchestration';
import { recordText } from '../ledger/check-commit.ts';
import { RecordReader } from '../ledger/read-record.ts';
import type { BrokerLogger } from '../logger.ts';
import { maxTtlMs } from '../redis/availability.ts';
import { MemoryDue } from './memory-due.ts';
import type { MemoryProcess } from './memory-process.ts';
import { byScore, type MemoryStore, type StoredInstance } from './memory-store.ts';

const keepMs = 600_000;
const turnMs = 1000;

/** The ledger in memory: what the scripts do, statement by statement. */
export class MemoryLedger implements Ledger {
  readonly partitions: number;
  readonly #store: MemoryStore;
  readonly #process: MemoryProcess;
  readonly #records: RecordReader;
  readonly #due: MemoryDue;

  constructor(store: MemoryStore, process: MemoryProcess, logger: BrokerLogger) {
    this.partitions = store.partitions;
    this.#store = store;
    this.#process = process;
    this.#records = new RecordReader(logger);
    this.#due = new MemoryDue(store, turnMs);
  }

  read(instances: readonly InstanceKey[]): Promise<Reading[]> {
    return this.#process.run(() => instances.map((instance) => this.#reading(instance)));
  }

  want(edge: EdgeId, instances: readonly InstanceKey[], ttlMs: number, origin?: Origin): Promise<Reading[]> {
    return this.#process.run(() =>
      instances.map((instance) => {
        this.#want(edge, instance, ttlMs, origin);
        return this.#reading(instance);
      }),
    );
  }

  unwant(edge: EdgeId, instances: readonly InstanceKey[]): Promise<void> {
    return this.#process.run(() => {
      for (const instance of instances) {
        const interest = this.#store.interest.get(instance);
        if (interest?.delete(edge) === true) this.#store.attentionOf(instance).set(instance, this.#now);
        if (interest?.size === 0) this.#store.interest.delete(instance);
      }
    });
  }

  async commit(commit: Commit): Promise<CommitResult> {
    const text = recordText(commit);
    return await this.#process.run((): CommitResult => {
      const { record } = commit;
      const { instance } = record;
      if ((this.#store.instances.get(instance)?.token ?? 0) !== commit.expected) return { committed: false };
      const stored = this.#stored(instance);
      if (this.#records.isForeign(instance)) {
        stored.foreign = stored.text;
        this.#records.replaced(instance);
      }
      Object.assign(stored, { token: record.revision, text, epoch: record.epoch });
      delete stored.announced;
      if (commit.forgetInMs === undefined) this.#store.instances.persist(instance);
      else this.#store.instances.expire(instance, commit.forgetInMs);
      this.#setLease(stored, commit);
      if (commit.attendInMs === undefined) this.#store.attentionOf(instance).delete(instance);
      else this.#store.attentionOf(instance).set(instance, this.#now + commit.attendInMs);
      this.#append(commit, text);
      return { committed: true, token: record.revision, now: this.#now };
    });
  }

  renew(instance: InstanceKey, { owner, epoch, ttlMs }: Holder): Promise<{ held: boolean }> {
    return this.#process.run(() => {
      const stored = this.#store.instances.get(instance);
      if (stored?.epoch !== epoch || stored.leaseOwner !== owner) return { held: false };
      if ((this.#store.leasesOf(instance).get(instance) ?? 0) <= this.#now)
        stored.token = Math.max(stored.token + 1, Math.floor(this.#now * 1000));
      this.#store.leasesOf(instance).set(instance, this.#now + ttlMs);
      return { held: true };
    });
  }

  takeWatch(instance: InstanceKey, { owner, epoch, ttlMs }: Holder): Promise<{ held: boolean }> {
    return this.#process.run(() => {
      const stored = this.#store.instances.get(instance);
      const until = this.#store.leasesOf(instance).get(instance);
      if (stored?.epoch !== epoch || (until !== undefined && this.#counts(until))) return { held: false };
      stored.leaseOwner = owner;
      this.#store.leasesOf(instance).set(instance, this.#now + ttlMs);
      return { held: true };
    });
  }

  due(partition: number, limit: number): Promise<InstanceKey[]> {
    return this.#process.run(() => this.#due.take(partition, limit, this.#process.availability.allowanceMs()));
  }

  async *list(): AsyncIterable<InstanceKey> {
    yield* (await this.#process.run(() =>
      this.#store.instances.keys().filter((instance) => this.#store.instances.get(instance)?.text !== ''),
    )) as InstanceKey[];
  }

  get #now(): number {
    return this.#store.clock.now();
  }

  #record(instance: InstanceKey, text: string): LedgerRecord | undefined {
    const known = this.#store.read.get(instance);
    if (known?.text === text) {
      this.#records.isRecord(instance);
      return known.record;
    }
    const record = this.#records.read(instance, text);
    // All processes share it, and none may change what another one has read.
    if (record !== undefined) this.#store.read.set(instance, { text, record: frozen(record) });
    return record;
  }

  #counts(until: number): boolean {
    return until > this.#now - this.#process.availability.allowanceMs();
  }

  #stored(instance: InstanceKey): StoredInstance {
    return this.#store.instances.getOrCreate(instance, () => ({
      token: 0,
      text: '',
      epoch: undefined,
      leaseOwner: '',
    }));
  }

  #want(edge: EdgeId, instance: InstanceKey, ttlMs: number, origin: Origin | undefined): void {
    const interest = this.#store.interest.getOrCreate(instance, () => new Map());
    const until = interest.get(edge);
    interest.set(edge, this.#now + ttlMs);
    for (const [other, ends] of interest) if (ends <= this.#now - keepMs) interest.delete(other);
    this.#store.interest.expire(instance, Math.max(...interest.values()) - this.#now + keepMs);
    const stored = this.#stored(instance);
    if (until === undefined || !this.#counts(until)) {
      stored.token = Math.max(stored.token + 1, Math.floor(this.#now * 1000));
      const attention = this.#store.attentionOf(instance);
      if (!attention.has(instance)) attention.set(instance, this.#now + turnMs);
      if (origin !== undefined && (stored.announced?.at ?? 0) <= this.#now - ttlMs)
        stored.announced = { origin: { ...origin }, at: this.#now };
    }
    if (stored.text === '') this.#store.instances.expire(instance, ttlMs + keepMs);
    else this.#store.instances.persist(instance);
  }

  #setLease(stored: StoredInstance, { lease, record: { instance } }: Commit): void {
    if (lease === undefined) return;
    stored.leaseOwner = lease === 'release' ? '' : lease.owner;
    if (lease === 'release') this.#store.leasesOf(instance).delete(instance);
    else this.#store.leasesOf(instance).set(instance, this.#now + lease.ttlMs);
  }

  #append({ change, record }: Commit, text: string): void {
    const interest = this.#store.interest.get(record.instance) ?? new Map<EdgeId, number>();
    const edges = byScore(interest).flatMap(([edge, until]) => (until >= this.#now - maxTtlMs ? [edge] : []));
    const entry = { version: 1 as const, change, at: this.#now, record: JSON.parse(text) as typeof record };
    this.#store.streams.append(this.#store.partitionOf(record.instance), entry, edges);
  }

  #reading(instance: InstanceKey): Reading {
    const stored = this.#store.instances.get(instance);
    const until = this.#store.leasesOf(instance).get(instance);
    const owner = stored?.leaseOwner ?? '';
    const interest: Interest[] = byScore(this.#store.interest.get(instance) ?? new Map<EdgeId, number>())
      .filter(([, ends]) => this.#counts(ends))
      .map(([edge, ends]) => ({ edge, until: ends }));
    return {
      instance,
      token: stored?.token ?? 0,
      record: this.#record(instance, stored?.text ?? ''),
      interest,
      ...(stored?.announced === undefined ? {} : { announced: { ...stored.announced } }),
      lease: owner !== '' && until !== undefined && this.#counts(until) ? { owner, until } : undefined,
      now: this.#now,
      nowUs: Math.floor(this.#now * 1000),
    };
  }
}

function frozen<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) frozen(part as object);
  return Object.freeze(value);
}

type Holder = { owner: string; epoch: number; ttlMs: number };
