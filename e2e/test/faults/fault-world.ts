import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectBroker } from '@reveille/broker';
import { launchRedis, type LocalRedis } from '@reveille/broker/server';
import type { InstanceKey, LedgerRecord } from '@reveille/contracts';
import type { Broker } from '@reveille/orchestration';
import { newTraceparent } from '@reveille/telemetry';
import { clusterEnv, Deployable, type LogLine } from '../../src/deployables.ts';

export type HistoryLine = { what: 'start' | 'listening' | 'term'; service: string; generation: string; pid: number };

/** Wide on purpose: it ends a test that hangs. */
const patienceMs = 90_000;
const lookEveryMs = 50;
const edge = 'edge1';

/** Initializers as processes on a Redis of their own, and a test that plays the edge. Services write their own history. */
export class FaultWorld implements AsyncDisposable {
  readonly dir: string;
  readonly initializers: Deployable[] = [];
  readonly #env: Record<string, string>;
  #redis: LocalRedis;
  #broker: Broker;

  private constructor(dir: string, env: Record<string, string>, redis: LocalRedis, broker: Broker) {
    this.dir = dir;
    this.#env = env;
    this.#redis = redis;
    this.#broker = broker;
  }

  /** `services`: YAML, where `WITNESS` stands for the start of the service that keeps a history. */
  static async create(services: string): Promise<FaultWorld> {
    const dir = await mkdtemp(join(tmpdir(), 'reveille-faults-'));
    await copyFile(new URL('./witness.mjs', import.meta.url), join(dir, 'witness.mjs'));
    const catalog = join(dir, 'reveille.yaml');
    await writeFile(catalog, catalogOf(services));
    const redis = await launchRedis({ dir, persist: true });
    const namespace = `faults-${randomBytes(5).toString('hex')}`;
    const env = clusterEnv({ redisUrl: redis.url, namespace, catalog });
    return new FaultWorld(dir, env, redis, await connectBroker({ url: redis.url, namespace }));
  }

  async initializer(host = 'here'): Promise<Deployable> {
    const one = new Deployable('initializer', { ...this.#env, REVEILLE_HOST_ID: host });
    this.initializers.push(one);
    await one.running();
    return one;
  }

  async changeCatalog(services: string): Promise<void> {
    await writeFile(join(this.dir, 'reveille.yaml'), catalogOf(services));
  }

  /** What an edge does when a user needs these services, in dependency order. */
  async wake(...services: string[]): Promise<void> {
    const instances = services.map(keyOf);
    await this.#broker.ledger.want(edge, instances, 300_000);
    const origin = { initialization: 'i1', traceparent: newTraceparent() };
    await this.#broker.wakeUps.reconcile(
      services.map((service) => ({
        version: 1,
        kind: 'reconcile',
        instance: keyOf(service),
        service: service as never,
        scope: { kind: 'global' },
        reason: 'wanted',
        origin,
      })),
    );
  }

  async unwant(...services: string[]): Promise<void> {
    await this.#broker.ledger.unwant(edge, services.map(keyOf));
  }

  async record(service: string): Promise<LedgerRecord | undefined> {
    return (await this.#broker.ledger.read([keyOf(service)]))[0]?.record;
  }

  /** Waits for a record that fits; while Redis is away there is none. */
  async until(service: string, fits: (record: LedgerRecord) => boolean): Promise<LedgerRecord> {
    let found: LedgerRecord | undefined;
    const look = async (): Promise<boolean> => {
      found = await this.record(service).catch(() => undefined);
      return found !== undefined && fits(found);
    };
    await eventually(look, `${service} did not come to what was waited for`);
    return found as LedgerRecord;
  }

  async history(): Promise<HistoryLine[]> {
    const text = await readFile(join(this.dir, 'history.jsonl'), 'utf8').catch(() => '');
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as HistoryLine]));
  }

  /** The nth start of a service, once it has happened. */
  async started(service: string, nth = 1): Promise<HistoryLine> {
    const starts = async () => (await this.history()).filter((one) => one.what === 'start' && one.service === service);
    await eventually(async () => (await starts()).length >= nth, `${service} was not started ${nth} times`);
    return (await starts())[nth - 1] as HistoryLine;
  }

  async starts(service: string): Promise<HistoryLine[]> {
    return (await this.history()).filter((one) => one.what === 'start' && one.service === service);
  }

  async listening(service: string): Promise<void> {
    const found = async () => (await this.history()).some((one) => one.what === 'listening' && one.service === service);
    await eventually(found, `${service} does not listen`);
  }

  /** Lets services listen. */
  async openGate(): Promise<void> {
    await writeFile(join(this.dir, 'gate'), '');
  }

  /** Which initializer holds the instance. */
  async holderOf(service: string): Promise<{ holder: Deployable; other: Deployable | undefined }> {
    const owner = (await this.record(service))?.owner;
    const holder = this.initializers.find((one) => one.log.some((line) => line['id'] === owner));
    if (holder === undefined) throw new Error(`nobody holds ${service}`);
    return { holder, other: this.initializers.find((one) => one !== holder) };
  }

  async killRedis(): Promise<void> {
    process.kill(this.#redis.pid, 'SIGKILL');
    await this.#redis.exited;
  }

  async restartRedis(): Promise<void> {
    await this.#redis[Symbol.asyncDispose]();
    this.#redis = await launchRedis({ dir: this.dir, port: this.#redis.port, persist: true });
  }

  get redisUrl(): string {
    return this.#redis.url;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.initializers) one.child.kill('SIGCONT');
    await Promise.all(this.initializers.map((one) => one[Symbol.asyncDispose]()));
    await this.#broker[Symbol.asyncDispose]();
    await this.#redis[Symbol.asyncDispose]();
    await rm(this.dir, { recursive: true, force: true });
  }
}

function catalogOf(services: string): string {
  const start = 'start: { process: { command: [node, witness.mjs] } }';
  return `version: 1\nservices:\n${services.replaceAll('WITNESS', start)}\nentrypoints: {}\n`;
}

function keyOf(service: string): InstanceKey {
  return `${service}~global` as InstanceKey;
}

/** Waits for a log line. */
export async function logged(one: Deployable, part: RegExp): Promise<LogLine> {
  const find = () => one.log.find((line) => part.test(line.msg));
  await eventually(async () => find() !== undefined, `nothing was logged of: ${part.source}`);
  return find() as LogLine;
}

export function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export async function untilDead(pid: number): Promise<void> {
  await eventually(async () => !alive(pid), `process ${pid} lives on`);
}

/** Looks until it is so. (`expect.poll` belongs to one test at a time, and these run side by side.) */
async function eventually(isSo: () => Promise<boolean>, orElse: string): Promise<void> {
  const until = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > until) throw new Error(orElse);
    await pause(lookEveryMs);
  }
}
