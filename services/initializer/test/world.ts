import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBroker } from '@reveille/broker';
import { readCatalog } from '@reveille/catalog';
import type { InstanceKey, InstanceState, LedgerRecord, ServiceName } from '@reveille/contracts';
import { Health, sleep } from '@reveille/lifecycle';
import { type Broker, type Plan, planOfService, transition } from '@reveille/orchestration';
import { scopeKeysOf } from '@reveille/contracts';
import { createLogger, createMetrics, newTraceparent } from '@reveille/telemetry';
import { inject } from 'vitest';
import { type Initializer, initializerConfig, startInitializer } from '../src/index.ts';

/** A service of the tests: listens on PORT, writes its starts to a file, and does what its arguments say. */
const program = `
import { appendFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
const [,, history, behaviour = '', ms = '0'] = process.argv;
const say = (what) => appendFileSync(history, JSON.stringify({ what, pid: process.pid, service: process.env.REVEILLE_SERVICE, generation: process.env.REVEILLE_GENERATION, deps: Object.keys(process.env).filter((n) => n.startsWith('REVEILLE_DEP_')), traceparent: process.env.TRACEPARENT }) + '\\n');
say('start');
if (behaviour === 'exit') { console.error('cannot open the vault'); process.exit(Number(ms) || 7); }
const report = (body) => fetch(process.env.REVEILLE_REPORT_URL, { method: 'POST', headers: { authorization: 'Bearer ' + process.env.REVEILLE_REPORT_TOKEN }, body: JSON.stringify(body) });
if (behaviour === 'reports') await report({ phase: 'opening', detail: 'opening the vault', percent: 50 });
await new Promise((resolve) => setTimeout(resolve, behaviour === 'slow' || behaviour === 'reports' ? Number(ms) : 0));
const server = createServer((request, response) => {
  const idle = request.url === '/busy' && !existsSync('busy');
  response.writeHead(idle ? 404 : 200).end('ok');
});
if (behaviour !== 'deaf') server.listen(Number(process.env.PORT), '127.0.0.1', async () => {
  say('listening');
  if (behaviour === 'reports') await report({ ready: true });
});
process.on('SIGUSR2', () => server.close(() => say('deaf')));
process.on('SIGTERM', () => { say('term'); process.exit(0); });
setInterval(() => {}, 1e6);
`;

export type HistoryLine = {
  what: 'start' | 'listening' | 'deaf' | 'term';
  pid: number;
  service: string;
  generation: string;
  deps: string[];
  traceparent: string;
};

/** One catalog in a folder of its own, one namespace, one edge played by the test, and as many initializers as it starts. */
export class World implements AsyncDisposable {
  readonly dir: string;
  readonly namespace: string;
  readonly broker: Broker;
  readonly edge = 'edge1';
  readonly #initializers: Initializer[] = [];

  private constructor(dir: string, namespace: string, broker: Broker) {
    this.dir = dir;
    this.namespace = namespace;
    this.broker = broker;
  }

  /** `services`: YAML of the services, where `RUN` stands for the start of the test program. */
  static async create(services: string): Promise<World> {
    const dir = await mkdtemp(join(tmpdir(), 'reveille-initializer-'));
    await writeFile(join(dir, 'service.mjs'), program);
    await writeFile(join(dir, 'reveille.yaml'), catalogOf(services));
    const namespace = `t${randomBytes(6).toString('hex')}`;
    const broker = await connectBroker({ url: inject('redisUrl'), namespace });
    return new World(dir, namespace, broker);
  }

  async initializer(env: Record<string, string> = {}): Promise<Initializer> {
    const config = initializerConfig({
      REDIS_URL: inject('redisUrl'),
      REVEILLE_NAMESPACE: this.namespace,
      REVEILLE_CATALOG: join(this.dir, 'reveille.yaml'),
      REVEILLE_ROOT_SECRET: 'x'.repeat(32),
      REVEILLE_HOST_ID: 'here',
      ...env,
    });
    const logger = createLogger({ name: 'initializer', level: process.env['TEST_LOG'] ?? 'silent' });
    const started = await startInitializer({
      config,
      logger,
      metrics: createMetrics({ processMetrics: false }),
      health: new Health(),
      fail: (error) => {
        throw error;
      },
    });
    this.#initializers.push(started);
    return started;
  }

  async changeCatalog(services: string): Promise<void> {
    await writeFile(join(this.dir, 'reveille.yaml'), catalogOf(services));
  }

  async plan(service: string): Promise<Plan> {
    const { catalog } = await readCatalog(join(this.dir, 'reveille.yaml'));
    const plan = planOfService(catalog, service, await scopeKeysOf({ user: 'u' }), { user: 'u' });
    if ('refused' in plan) throw new Error(plan.refused);
    return plan;
  }

  /** What an edge does when a user needs the service. */
  async wake(service: string): Promise<Plan> {
    const plan = await this.plan(service);
    await this.want(plan);
    const origin = { initialization: 'i1', traceparent: newTraceparent() };
    await this.broker.wakeUps.reconcile(
      plan.instances.map((one) => ({
        version: 1,
        kind: 'reconcile',
        instance: one.instance,
        service: one.service,
        scope: one.scope,
        reason: 'wanted',
        origin,
      })),
    );
    return plan;
  }

  /** As `wake`, for a catalog that has been changed meanwhile. */
  async wakeByHand(service: string): Promise<void> {
    const instance = `${service}~global` as InstanceKey;
    await this.broker.ledger.want(this.edge, [instance], 60_000);
    const named = { service: service as ServiceName, scope: { kind: 'global' } } as const;
    await this.broker.wakeUps.reconcile([{ version: 1, kind: 'reconcile', instance, ...named, reason: 'wanted' }]);
  }

  async want(plan: Plan): Promise<void> {
    await this.broker.ledger.want(
      this.edge,
      plan.instances.map((one) => one.instance),
      60_000,
    );
  }

  async record(instance: string): Promise<LedgerRecord | undefined> {
    const key = (instance.includes('~') ? instance : `${instance}~global`) as InstanceKey;
    return (await this.broker.ledger.read([key]))[0]?.record;
  }

  /** Waits for a state (bounded by the test's own time) and returns the record. */
  async until(
    service: string,
    wanted: InstanceState | ((record: LedgerRecord | undefined) => boolean),
  ): Promise<LedgerRecord> {
    const fits = typeof wanted === 'function' ? wanted : (record: LedgerRecord | undefined) => record?.state === wanted;
    for (;;) {
      const record = await this.record(service);
      if (fits(record) && record) return record;
      await sleep(10);
    }
  }

  async history(): Promise<HistoryLine[]> {
    const { readFile } = await import('node:fs/promises');
    const text = await readFile(join(this.dir, 'history.jsonl'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as HistoryLine);
  }

  async starts(service: ServiceName | string): Promise<HistoryLine[]> {
    return (await this.history()).filter((line) => line.what === 'start' && line.service === service);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#initializers.map((one) => one[Symbol.asyncDispose]()));
    await this.broker[Symbol.asyncDispose]();
    await rm(this.dir, { recursive: true, force: true });
  }
}

function catalogOf(services: string): string {
  const run = (args: string) => `process: { command: [node, service.mjs, history.jsonl${args}] }`;
  const started = services.replaceAll(/RUN(?:\(([^)]*)\))?/g, (_, args?: string) => run(args ? `, ${args}` : ''));
  return `version: 1\nservices:\n${started}\nentrypoints: {}\n`;
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** What an operator's `reveille restart` commits. */
export async function askToEnd({ broker }: World, instance: InstanceKey): Promise<void> {
  for (let isDone = false; !isDone;) {
    const [reading] = await broker.ledger.read([instance]);
    const commit = reading && transition(reading, { kind: 'request_stop' });
    if (commit === undefined || 'refused' in commit) throw new Error(`${instance} cannot be asked to end`);
    isDone = (await broker.ledger.commit(commit)).committed;
  }
}
