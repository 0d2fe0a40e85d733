import type { InstanceKey, Origin } from '@reveille/contracts';
import type { Commit, CommitResult, EdgeId, Ledger, Reading } from '@reveille/orchestration';
import type { Keys } from '../key/keys.ts';
import type { BrokerLogger } from '../logger.ts';
import { maxTtlMs } from '../redis/availability.ts';
import type { Link } from '../redis/link.ts';
import { recordText } from './check-commit.ts';
import { decodeReading } from './decode-reading.ts';
import { RecordReader } from './read-record.ts';
import { journalLength } from '../journal/group.ts';
import { commitScript } from './script/commit.ts';
import { dueScript } from './script/due.ts';
import { renewScript, takeWatchScript } from './script/lease.ts';
import { listScript } from './script/list.ts';
import { readScript } from './script/read.ts';
import { unwantScript, wantScript } from './script/want.ts';

/** How long interest that ran out, and a token without a record, are kept (ms): longer than any outage that is bridged. */
const keepMs = 600_000;
/** An instance is given to one caller for so long, and a new interest is looked at by the sweep after it (ms). */
const turnMs = 1000;
/** Leases that ran out, looked at in one call of `due`. */
const leaseScanLimit = 1000;
/** A clock that goes back by less is set right by whoever keeps clocks, and what is timed outlasts it (ms). */
const jumpMs = 2000;
/** Instances asked for in one step of `list`. */
const pageSize = 100;

/** The ledger on Redis. Calls about several instances send one script each, all at once: one round trip. */
export class RedisLedger implements Ledger {
  readonly partitions: number;
  readonly #link: Link;
  readonly #keys: Keys;
  readonly #records: RecordReader;
  readonly #logger: BrokerLogger;

  constructor(link: Link, keys: Keys, logger: BrokerLogger) {
    this.partitions = keys.partitions;
    this.#link = link;
    this.#keys = keys;
    this.#records = new RecordReader(logger);
    this.#logger = logger;
  }

  read(instances: readonly InstanceKey[]): Promise<Reading[]> {
    return this.#readings(instances, (instance, { record, interest, leases }, allowanceMs) =>
      this.#link.script(readScript, [record, interest, leases], [instance, allowanceMs]),
    );
  }

  want(edge: EdgeId, instances: readonly InstanceKey[], ttlMs: number, origin?: Origin): Promise<Reading[]> {
    const announced = origin === undefined ? '' : JSON.stringify(origin);
    return this.#readings(instances, (instance, { record, interest, leases, attention }, allowanceMs) =>
      this.#link.script(
        wantScript,
        [record, interest, leases, attention],
        [instance, edge, ttlMs, allowanceMs, keepMs, turnMs, announced],
      ),
    );
  }

  async unwant(edge: EdgeId, instances: readonly InstanceKey[]): Promise<void> {
    await Promise.all(
      instances.map((instance) => {
        const { interest, attention } = this.#keys.instance(instance);
        return this.#link.script(unwantScript, [interest, attention], [instance, edge]);
      }),
    );
  }

  async commit(commit: Commit): Promise<CommitResult> {
    const { record, lease } = commit;
    const { instance } = record;
    const keys = this.#keys.instance(instance);
    const text = recordText(commit);
    const foreign = this.#records.isForeign(instance);
    const [deed, holder, ttlMs] =
      typeof lease === 'object' ? ['take', lease.owner, lease.ttlMs] : [lease ?? 'keep', '', ''];
    const [committed, now] = (await this.#link.script(
      commitScript,
      [keys.record, keys.interest, keys.leases, keys.attention, keys.journal, keys.instances],
      [
        instance,
        commit.expected,
        record.revision,
        text,
        record.epoch,
        record.owner ?? '',
        commit.change,
        deed,
        holder,
        ttlMs,
        commit.attendInMs ?? '',
        commit.forgetInMs ?? '',
        journalLength,
        maxTtlMs,
        foreign ? '1' : '0',
      ],
    )) as [number, string];
    if (committed !== 1) return { committed: false };
    if (foreign) this.#records.replaced(instance);
    return { committed: true, token: record.revision, now: Number(now) };
  }

  async renew(instance: InstanceKey, { owner, epoch, ttlMs }: Holder): Promise<{ held: boolean }> {
    const { record, leases } = this.#keys.instance(instance);
    const held = await this.#link.script(renewScript, [record, leases], [instance, owner, epoch, ttlMs]);
    return { held: held === 1 };
  }

  async takeWatch(instance: InstanceKey, { owner, epoch, ttlMs }: Holder): Promise<{ held: boolean }> {
    const { record, leases } = this.#keys.instance(instance);
    const args = [instance, owner, epoch, ttlMs, this.#allowanceMs(leases)];
    return { held: (await this.#link.script(takeWatchScript, [record, leases], args)) === 1 };
  }

  async due(partition: number, limit: number): Promise<InstanceKey[]> {
    const allowanceMs = this.#allowanceMs(this.#keys.leases(partition));
    const [jump, found] = (await this.#link.script(
      dueScript,
      [this.#keys.attention(partition), this.#keys.leases(partition)],
      [limit, allowanceMs, this.#keys.partition(partition), turnMs, leaseScanLimit, jumpMs],
    )) as [string, InstanceKey[]];
    if (jump !== '0')
      this.#logger.error(
        { partition, jump_ms: Number(jump) },
        'the clock of Redis went back: leases and looks of this partition were set back with it',
      );
    return found;
  }

  async *list(): AsyncIterable<InstanceKey> {
    for (let partition = 0; partition < this.partitions; partition += 1) {
      let cursor = '0';
      do {
        const [next, found] = (await this.#link.script(
          listScript,
          [this.#keys.instances(partition)],
          [cursor, pageSize, this.#keys.partition(partition)],
        )) as [string, InstanceKey[]];
        yield* found;
        cursor = next;
      } while (cursor !== '0');
    }
  }

  #readings(
    instances: readonly InstanceKey[],
    read: (instance: InstanceKey, keys: ReturnType<Keys['instance']>, allowanceMs: number) => Promise<unknown>,
  ): Promise<Reading[]> {
    return Promise.all(
      instances.map(async (instance) => {
        const keys = this.#keys.instance(instance);
        const allowanceMs = this.#allowanceMs(keys.leases);
        const raw = await read(instance, keys, allowanceMs);
        return decodeReading(instance, raw, {
          records: this.#records,
          allowanceMs,
          isConfirmed: this.#link.isConfirmed,
        });
      }),
    );
  }

  #allowanceMs(key: string): number {
    return this.#link.parts.of(key).allowanceMs();
  }
}

type Holder = { owner: string; epoch: number; ttlMs: number };
