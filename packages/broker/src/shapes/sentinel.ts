import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { findRedisServer } from '../server/find.ts';
import { freePort } from '../server/free-port.ts';
import { launchRedis, type LocalRedis } from '../server/launch.ts';
import { startServer, type RunningServer } from '../server/start.ts';
import { clientOf } from './client-of.ts';
import type { ShapeOptions } from './shape-options.ts';

const name = 'main';
const lookEveryMs = 50;
const settleDeadlineMs = 30_000;
/** A primary that does not answer its sentinels for so long has failed, as they see it (ms). The default of Redis is 30 s. */
const downAfterMs = 1500;

type Data = { server: LocalRedis; client: Redis; port: number };
type Sentinel = { server: RunningServer; client: Redis; port: number };

/** A primary with replicas, and sentinels that watch it, as local processes. It refuses writes that no replica has (min-replicas-to-write). */
export class RedisSentinels implements AsyncDisposable {
  readonly url: string;
  readonly data: readonly Data[];
  readonly sentinels: readonly Sentinel[];
  readonly #stack: AsyncDisposableStack;

  private constructor(url: string, data: readonly Data[], sentinels: readonly Sentinel[], stack: AsyncDisposableStack) {
    this.url = url;
    this.data = data;
    this.sentinels = sentinels;
    this.#stack = stack;
  }

  /** Resolves when every sentinel knows all others and all replicas. */
  static async launch(
    options: ShapeOptions & { replicas?: number; sentinels?: number; downAfterMs?: number } = {},
  ): Promise<RedisSentinels> {
    const { replicas = 1, sentinels = 3, password } = options;
    await using stack = new AsyncDisposableStack();
    const data: Data[] = [];
    for (let index = 0; index <= replicas; index++) data.push(await launchData(options, data[0]?.port, stack));
    const primaryPort = (data[0] as Data).port;
    const config = [
      `sentinel monitor ${name} 127.0.0.1 ${primaryPort} ${Math.floor(sentinels / 2) + 1}`,
      `sentinel down-after-milliseconds ${name} ${options.downAfterMs ?? downAfterMs}`,
      `sentinel failover-timeout ${name} 10000`,
      ...(password === undefined ? [] : [`sentinel auth-pass ${name} ${password}`, `requirepass ${password}`]),
    ].join('\n');
    const watchers: Sentinel[] = [];
    for (let index = 0; index < sentinels; index++) watchers.push(await launchSentinel(config, options, stack));
    await eventually(async () => {
      const known = await Promise.all(watchers.map(({ client }) => masterOf(client)));
      return known.every(
        (master) =>
          master.get('num-slaves') === String(replicas) &&
          master.get('num-other-sentinels') === String(sentinels - 1) &&
          master.get('flags') === 'master',
      );
    });
    const scheme = options.tls === undefined ? 'redis-sentinel' : 'rediss-sentinel';
    const url = `${scheme}://${watchers.map(({ port }) => `127.0.0.1:${port}`)}/${name}`;
    return new RedisSentinels(url, data, watchers, stack.move());
  }

  /** The primary as the sentinels see it. */
  async primary(): Promise<Data> {
    const { client } = this.sentinels.find((one) => one.client.status === 'ready') as Sentinel;
    const [, port] = (await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)) as [string, string];
    return this.data.find((one) => one.port === Number(port)) as Data;
  }

  /** A planned failover: resolves when another one is primary. */
  async failOver(): Promise<void> {
    const before = await this.primary();
    await (this.sentinels[0] as Sentinel).client.call('SENTINEL', 'FAILOVER', name);
    await eventually(async () => (await this.primary()) !== before);
  }

  async killPrimary(): Promise<void> {
    const primary = await this.primary();
    process.kill(primary.server.pid, 'SIGKILL');
    await primary.server.exited;
    primary.client.disconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

async function launchData(
  options: ShapeOptions,
  primaryPort: number | undefined,
  stack: AsyncDisposableStack,
): Promise<Data> {
  const { password, tls } = options;
  const server = stack.use(
    await launchRedis({
      ...(tls === undefined ? {} : { tls }),
      args: [
        ...['--min-replicas-to-write', '1', '--min-replicas-max-lag', '2', '--repl-diskless-sync-delay', '0'],
        ...(password === undefined ? [] : ['--requirepass', password, '--masterauth', password]),
        ...(primaryPort === undefined ? [] : ['--replicaof', `127.0.0.1 ${primaryPort}`]),
        ...(options.args ?? []),
      ],
    }),
  );
  const client = await clientOf(server.port, options);
  stack.defer(() => client.disconnect());
  return { server, client, port: server.port };
}

async function launchSentinel(config: string, options: ShapeOptions, stack: AsyncDisposableStack): Promise<Sentinel> {
  const program = findRedisServer();
  if (program === undefined) throw new Error('no redis-server or valkey-server (6.2 or newer) on PATH');
  const dir = await mkdtemp(join(tmpdir(), 'reveille-sentinel-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'sentinel.conf');
  for (;;) {
    const port = await freePort();
    await writeFile(file, `${listening(port, options)}\nbind 127.0.0.1\nprotected-mode no\n${config}\n`);
    const started = await startServer({
      program,
      args: [file, '--sentinel'],
      dir,
      removeWithParent: dir,
      signal: undefined,
      readyLine: '+monitor master',
    });
    if (started.kind === 'port-taken') continue;
    stack.use(started.server);
    const client = await clientOf(port, options);
    stack.defer(() => client.disconnect());
    return { server: started.server, client, port };
  }
}

function listening(port: number, { tls }: ShapeOptions): string {
  if (tls === undefined) return `port ${port}`;
  const files = `tls-ca-cert-file ${tls.ca}\ntls-cert-file ${tls.cert}\ntls-key-file ${tls.key}`;
  return `port 0\ntls-port ${port}\ntls-replication yes\ntls-auth-clients no\n${files}`;
}

async function masterOf(client: Redis): Promise<Map<string, string>> {
  const row = (await client.call('SENTINEL', 'MASTER', name)) as string[];
  return new Map(row.flatMap((field, at) => (at % 2 === 0 ? [[field, row[at + 1] ?? '']] : [])));
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + settleDeadlineMs;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`the sentinels did not agree within ${settleDeadlineMs} ms`);
    await sleep(lookEveryMs);
  }
}
