import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBroker } from '@reveille/broker';
import { launchRedis, type LocalRedis } from '@reveille/broker/server';
import type { CatalogInput } from '@reveille/contracts';
import type { Broker } from '@reveille/orchestration';
import { type Kind, type Program, startDeployable } from './deployable.ts';
import { StartLog } from './start-log.ts';

/** What a stage is built for: a catalog that knows where services write down their starts. */
export type StageCatalog = (at: { startLog: string; dir: string }) => CatalogInput;

/** One edge, one initializer and one relay, each a process of its own, on a Redis of their own, and all that is needed to look at them. */
export class Stage implements AsyncDisposable {
  readonly redis: LocalRedis;
  readonly broker: Broker;
  readonly programs: Readonly<Record<Kind, Program>>;
  /** `ws://host:port` of the edge. */
  readonly url: string;
  readonly starts: StartLog;
  /** What a further deployable needs to belong here. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #parts: AsyncDisposableStack;

  private constructor(
    of: Pick<Stage, 'redis' | 'broker' | 'programs' | 'url' | 'starts' | 'environment'>,
    parts: AsyncDisposableStack,
  ) {
    this.redis = of.redis;
    this.broker = of.broker;
    this.programs = of.programs;
    this.url = of.url;
    this.starts = of.starts;
    this.environment = of.environment;
    this.#parts = parts;
  }

  /** @param telemetry variables of OpenTelemetry for the deployables */
  static async open(catalogFor: StageCatalog, telemetry: Record<string, string> = {}): Promise<Stage> {
    await using parts = new AsyncDisposableStack();
    const dir = await mkdtemp(join(tmpdir(), 'reveille-bench-'));
    parts.defer(() => rm(dir, { recursive: true, force: true }));
    const redis = parts.use(await launchRedis());
    const startLog = join(dir, 'starts.ndjson');
    await writeFile(startLog, '');
    const catalog = join(dir, 'reveille.yaml');
    // JSON is YAML too.
    await writeFile(catalog, JSON.stringify(catalogFor({ startLog, dir })));
    const env = { ...telemetry, ...environmentOf({ redisUrl: redis.url, catalog }) };
    const start = async (kind: Kind) => {
      const started = await startDeployable(kind, env);
      parts.use(started.program);
      return started;
    };
    // Disposed in reverse: the edge last started, first gone.
    const [relay, initializer] = await Promise.all([start('relay'), start('initializer')]);
    const edge = await start('edge');
    const broker = parts.use(await connectBroker({ url: redis.url, namespace: 'bench', owner: 'bench' }));
    const programs = { edge: edge.program, initializer: initializer.program, relay: relay.program };
    return new Stage(
      { redis, broker, programs, url: edge.url, starts: new StartLog(startLog), environment: env },
      parts.move(),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}

function environmentOf(of: { redisUrl: string; catalog: string }): Record<string, string> {
  return {
    REDIS_URL: of.redisUrl,
    REVEILLE_NAMESPACE: 'bench',
    REVEILLE_CATALOG: of.catalog,
    REVEILLE_ROOT_SECRET: randomBytes(32).toString('base64url'),
    REVEILLE_EDGE_SIGNING_KEY: randomBytes(32).toString('base64url'),
    REVEILLE_AUTH: 'none',
    REVEILLE_HEALTH_PORT: '0',
    // Several stages on one machine leave each other's services alone.
    REVEILLE_HOST_ID: `bench-${randomBytes(4).toString('hex')}`,
    HOST: '127.0.0.1',
    PORT: '0',
  };
}
