import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, type ReveilleClient } from '@reveille/client';
import { vi } from 'vitest';
import { clusterEnv, Deployable, type Kind } from './deployables.ts';

/** The start of a service of this folder, as YAML. */
export function runs(service: 'store' | 'echo' | 'insider' | 'scribe' | 'bare', ...args: string[]): string {
  const script = fileURLToPath(new URL(`./service/${service}.ts`, import.meta.url));
  return `process: { passEnv: [OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL], command: [node, "--conditions=@reveille/source", ${[script, ...args].map((arg) => JSON.stringify(arg)).join(', ')}] }`;
}

/** Several deployables, each a process of its own, on one Redis and one catalog. */
export class Cluster implements AsyncDisposable {
  readonly dir: string;
  readonly env: Record<string, string>;
  readonly deployables: Deployable[] = [];
  readonly #clients: ReveilleClient[] = [];

  private constructor(dir: string, env: Record<string, string>) {
    this.dir = dir;
    this.env = env;
  }

  static async start(of: {
    redisUrl: string;
    catalog: string | ((dir: string) => string | Promise<string>);
    size?: Partial<Record<Kind, number>>;
    env?: Record<string, string> | ((dir: string) => Record<string, string>);
    /** Fills the folder before anything runs. */
    prepare?: (dir: string) => Promise<void>;
  }): Promise<Cluster> {
    const dir = await mkdtemp(join(tmpdir(), 'reveille-e2e-'));
    const catalog = join(dir, 'reveille.yaml');
    await writeFile(catalog, typeof of.catalog === 'string' ? of.catalog : await of.catalog(dir));
    await of.prepare?.(dir).catch(async (error: unknown) => {
      await rm(dir, { recursive: true, force: true });
      throw error;
    });
    const namespace = `e2e-${randomBytes(5).toString('hex')}`;
    const env = typeof of.env === 'function' ? of.env(dir) : of.env;
    const cluster = new Cluster(dir, { ...clusterEnv({ redisUrl: of.redisUrl, namespace, catalog }), ...env });
    const size = { edge: 1, initializer: 1, relay: 1, ...of.size };
    for (const kind of ['relay', 'initializer', 'edge'] as const)
      for (let index = 0; index < size[kind]; index++) cluster.add(kind);
    try {
      await Promise.all(cluster.deployables.map((one) => one.running()));
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  add(kind: Kind, env: Record<string, string> = {}): Deployable {
    const deployable = new Deployable(kind, { ...this.env, ...env });
    this.deployables.push(deployable);
    return deployable;
  }

  of(kind: Kind): Deployable[] {
    return this.deployables.filter((one) => one.kind === kind);
  }

  /** First part of every Redis key, and of the mark of every started process. */
  get namespace(): string {
    return this.env['REVEILLE_NAMESPACE'] ?? '';
  }

  /** Replaces the catalog; resolves when every initializer has read it. */
  async replaceCatalog(text: string): Promise<void> {
    const taken = (one: Deployable): number =>
      one.log.filter((line) => line.msg.startsWith('the catalog was read again')).length;
    const file = join(this.dir, 'reveille.yaml');
    if ((await readFile(file, 'utf8')) === text) return;
    const before = new Map(this.of('initializer').map((one) => [one, taken(one)]));
    await writeFile(file, text);
    for (const [one, count] of before) {
      one.child.kill('SIGHUP');
      await vi.waitUntil(() => taken(one) > count, { timeout: 30_000 });
    }
  }

  /** A user at the nth edge. */
  async connect(
    user: string,
    edge = 0,
    options: { entrypoint?: string; tenant?: string; reconnect?: boolean } = {},
  ): Promise<ReveilleClient> {
    const url = (await this.of('edge')[edge]?.url()) ?? '';
    const client = connect({
      url,
      entrypoint: options.entrypoint ?? 'chat',
      as: { user, tenant: options.tenant ?? 'acme' },
      reconnect: options.reconnect ?? true,
    });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client[Symbol.asyncDispose]()));
    for (const kind of ['edge', 'initializer', 'relay'] as const)
      await Promise.all(this.of(kind).map((one) => one[Symbol.asyncDispose]()));
    await rm(this.dir, { recursive: true, force: true });
  }
}
