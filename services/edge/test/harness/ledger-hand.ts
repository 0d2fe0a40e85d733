import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseCatalog } from '@reveille/catalog';
import {
  type CatalogInput,
  type ChangeKind,
  type Failure,
  failureCodes,
  type InstanceKey,
  type LedgerRecord,
  type ReconcileJob,
  scopeKeysOf,
} from '@reveille/contracts';
import { type Broker, type Plan, planOf } from '@reveille/orchestration';
import { publicKeyOf } from './service.ts';

/** The test as initializer: it commits what becomes of the instances of the entrypoint `chat` of ada at acme. */
export class LedgerHand {
  readonly broker: Broker;
  /** Wake-ups that edges added. */
  readonly jobs: ReconcileJob[] = [];
  readonly #catalog: CatalogInput;

  constructor(broker: Broker, catalog: CatalogInput) {
    this.broker = broker;
    this.#catalog = catalog;
  }

  async plan(user = 'ada', tenant = 'acme'): Promise<Plan> {
    const { catalog } = parseCatalog(JSON.stringify(this.#catalog), 'reveille.yaml');
    const plan = planOf(catalog, 'chat', await scopeKeysOf({ user, tenant }), { user, tenant });
    if ('refused' in plan) throw new Error(plan.refused);
    return plan;
  }

  async instance(service: string): Promise<InstanceKey> {
    const found = (await this.plan()).instances.find((one) => one.service === service);
    if (found === undefined) throw new Error(service);
    return found.instance;
  }

  async record(instance: InstanceKey): Promise<LedgerRecord | undefined> {
    return (await this.broker.ledger.read([instance]))[0]?.record;
  }

  /** Commits a change of an instance as an initializer would. */
  async commit(
    service: string,
    change: ChangeKind,
    patch: (before: LedgerRecord, now: number) => Partial<LedgerRecord>,
  ): Promise<LedgerRecord> {
    const plan = await this.plan();
    // A ledger in memory answers at once. An initializer is another process: edges and sockets have their turn before each of its commits.
    await nextTurn();
    const planned = plan.instances.find((one) => one.service === service);
    if (planned === undefined) throw new Error(service);
    for (;;) {
      const [reading] = await this.broker.ledger.read([planned.instance]);
      if (reading === undefined) throw new Error('no reading');
      const before: LedgerRecord = reading.record ?? {
        version: 1,
        instance: planned.instance,
        service: planned.service,
        scope: planned.scope,
        scopeKey: planned.scopeKey,
        catalog: 'test',
        revision: 0,
        state: 'cold',
        generation: 0,
        attempt: 0,
        epoch: 0,
        dependencies: planned.dependencies,
        dependents: [],
        timings: {},
      };
      const revision = Math.max(reading.token + 1, reading.nowUs);
      const record: LedgerRecord = { ...before, ...patch(before, reading.now), revision };
      const result = await this.broker.ledger.commit({ expected: reading.token, record, change });
      if (result.committed) return record;
    }
  }

  /** A next generation waits. Its origin is that of the newest wake-up. */
  async waiting(service: string): Promise<LedgerRecord> {
    const instance = await this.instance(service);
    const origin = this.jobs.findLast((job) => job.instance === instance)?.origin;
    return this.commit(service, 'wanted', (before, now) => ({
      state: 'waiting',
      generation: Math.max(before.generation + 1, now * 1000),
      attempt: 0,
      timings: { wantedAt: now },
      failure: undefined as never,
      ...(origin ? { origin } : {}),
    }));
  }

  async starting(service: string, phase?: string): Promise<LedgerRecord> {
    return this.commit(service, phase === undefined ? 'claimed' : 'progress', (before, now) => ({
      state: 'starting',
      attempt: before.state === 'starting' ? before.attempt : before.attempt + 1,
      timings: { ...before.timings, claimedAt: before.timings.claimedAt ?? now },
      ...(phase === undefined ? {} : { progress: { phase, detail: `${phase} of ${service}`, percent: 40 } }),
    }));
  }

  async ready(
    service: string,
    endpoint = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 },
  ): Promise<LedgerRecord> {
    return this.commit(service, 'ready', (before, now) => {
      const generation = before.generation === 0 ? now * 1000 : before.generation;
      const { instance } = before;
      return {
        state: 'ready',
        generation,
        endpoint,
        publicKey: publicKeyOf({ instance, generation }),
        timings: { ...before.timings, readyAt: now },
      };
    });
  }

  async failed(service: string, more: Partial<Failure> & { cooldownMs?: number } = {}): Promise<LedgerRecord> {
    const { cooldownMs = 300, ...rest } = more;
    const code = more.code ?? 'exited_early';
    return this.commit(service, 'failed', (before, now) => ({
      state: 'failed',
      cooldownUntil: now + cooldownMs,
      failure: {
        code,
        service,
        name: service,
        phase: 'starting',
        message: 'it ended',
        attempt: 3,
        attempts: 3,
        retryable: failureCodes[code].retryable,
        traceId: '0'.repeat(32),
        ...rest,
      },
      timings: { ...before.timings, endedAt: now },
    }));
  }
}
