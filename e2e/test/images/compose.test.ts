/**
 * What can be said about the Dockerfile and docker-compose.yml without an Engine. That it comes up, and what becomes of questions when
 * containers are killed, is `npm run test:docker`.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { DEFAULT_DRAIN_MS } from '@reveille/lifecycle';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

type Service = {
  image: string;
  build?: { target: string; args?: Record<string, string> };
  environment?: Record<string, string>;
  volumes?: string[];
  depends_on?: Record<string, { condition?: string }> | string[];
  profiles?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  command?: string[];
  stop_grace_period?: string;
};
type ComposeFile = { services: Record<string, Service>; volumes: Record<string, unknown> };

const root = join(import.meta.dirname, '../../..');
const textOf = (file: string): Promise<string> => readFile(join(root, file), 'utf8');
const compose = parse(await textOf('docker-compose.yml'), { merge: true }) as ComposeFile;
const dockerfile = await textOf('Dockerfile');
const targets = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)/gm)].map(([, name = '']) => name);
const core = Object.entries(compose.services).filter(([, { profiles }]) => profiles === undefined);
const entries = Object.entries(compose.services);

test('the core is Redis, two of each deployable and a balancer, and comes up without a profile', () => {
  expect(core.map(([name]) => name).sort()).toEqual(
    ['assistant-image', 'balancer', 'edge-1', 'edge-2', 'initializer-1', 'initializer-2', 'keys', 'redis'].concat([
      'relay-1',
      'relay-2',
    ]),
  );
});

test('each image that is built has its target, and the version of Node that everything else runs on', async () => {
  for (const [, { build }] of entries) if (build) expect(targets).toContain(build.target);
  const { devDependencies } = JSON.parse(await textOf('package.json')) as { devDependencies: { node: string } };
  const [major] = devDependencies.node.split('.');
  expect(dockerfile).toContain(`ARG NODE=node:${major}-bookworm-slim`);
  expect(compose.services['edge-1']?.build?.args?.['NODE']).toContain(`node:${major}-bookworm-slim`);
});

test('what runs of Reveille is no root, writes nowhere but /tmp, and has no capability', () => {
  // The last USER of the stages that others stand on.
  const stage = (name: string): string =>
    dockerfile.split(/^FROM /m).find((text) => text.includes(` AS ${name}\n`)) ?? '';
  for (const name of ['runtime', 'assistant'])
    expect([...stage(name).matchAll(/^USER (.*)$/gm)].at(-1)?.[1]).toBe('1000:1000');
  expect(stage('balancer')).toContain('\nUSER haproxy\n');
  for (const [name, service] of core)
    if (/^(edge|initializer|relay)-|balancer/.test(name))
      expect([name, service.read_only, service.cap_drop]).toEqual([name, true, ['ALL']]);
});

test('what runs of Reveille has as long to end as docs/upgrading.md asks for, and more than it drains for', async () => {
  const [, asked] = /with at least (\d+) s\s+to end in/.exec(await textOf('docs/upgrading.md')) ?? [];
  expect(Number(asked)).toBeGreaterThan(DEFAULT_DRAIN_MS / 1000);
  for (const [name, { stop_grace_period }] of core)
    if (/^(edge|initializer|relay)-/.test(name)) expect([name, stop_grace_period]).toEqual([name, `${asked}s`]);
});

test('a build knows its version and revision from the environment', () => {
  for (const [name, { build }] of entries)
    if (build)
      expect([name, build.args]).toMatchObject([
        name,
        { VERSION: '${REVEILLE_VERSION:-0.1.0}', REVISION: '${REVEILLE_REVISION:-unknown}' },
      ]);
});

test('the balancer is healthy while HAProxy says that it lives, and not otherwise', async () => {
  // The port is the one of the test.
  const [, list = '[]'] = /FROM \S+ AS balancer\n[^]*?\nHEALTHCHECK .*CMD (\[.*\])\n/.exec(dockerfile) ?? [];
  const [program = '', ...args] = JSON.parse(list) as string[];
  let status = 200;
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(status).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const check = (): Promise<unknown> =>
    promisify(execFile)(
      program,
      args.map((arg) => arg.replace('8404', `${port}`)),
      { timeout: 30_000 },
    ).then(
      () => 'healthy',
      (error: { code?: unknown }) => error.code,
    );
  try {
    expect(await check()).toBe('healthy');
    status = 503;
    expect(await check()).toBe(1);
    expect(asked).toEqual(['/livez', '/livez']);
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
  expect(await check()).toBe(1);
  const config = await textOf('deploy/haproxy.cfg');
  expect(config).toMatch(/bind :8404\n\s+monitor-uri \/livez\n/);
});

test('every file that is mounted is there, and every volume is declared', () => {
  for (const [name, { volumes = [] }] of entries)
    for (const volume of volumes) {
      const [source = ''] = volume.split(':');
      if (source.startsWith('./')) expect([name, source, existsSync(join(root, source))]).toEqual([name, source, true]);
      else if (!source.startsWith('$')) expect(Object.keys(compose.volumes)).toContain(source);
    }
});

test('Redis keeps what it was given: nothing is evicted, and every write is on the disk before its answer', () => {
  const { command = [] } = compose.services['redis'] ?? {};
  expect(command).toEqual(
    expect.arrayContaining(['--maxmemory-policy noeviction', '--appendonly yes', '--appendfsync always']),
  );
});

const promtool = process.env['REVEILLE_PROMTOOL'] || 'promtool';
const noPromtool = await promisify(execFile)(promtool, ['--version']).then(
  () => false,
  (error: { code?: unknown }) => error.code === 'ENOENT',
);

// Where CI runs them, a missing promtool is a failure and no reason to leave them out.
test.skipIf(noPromtool && !process.env['CI'])('Prometheus takes its configuration, with the alert rules', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  try {
    for (const file of ['deploy/prometheus/prometheus.yml', 'docs/monitoring/rules.yaml'])
      await copyFile(join(root, file), join(folder, basename(file)));
    const { stdout } = await promisify(execFile)(promtool, ['check', 'config', join(folder, 'prometheus.yml')]);
    expect(stdout).toContain('1 rule files found');
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** Whichever is there: Compose 1 as a program of its own, or the plugin of later ones. It reads the file without an Engine. */
async function composeConfig(...args: string[]): Promise<string | undefined> {
  const options = { cwd: root, env: { PATH: process.env['PATH'] ?? '' } };
  for (const [program = '', ...first] of [['docker-compose'], ['docker', 'compose']]) {
    const read = promisify(execFile)(program, [...first, ...args, 'config'], options);
    const shown = await read.catch((error: { code?: unknown; stderr?: string }) => {
      // Not here, or a docker without the plugin.
      if (error.code === 'ENOENT' || /not a docker command|unknown flag/.test(error.stderr ?? '')) return undefined;
      throw error;
    });
    if (shown !== undefined) return shown.stdout;
  }
  return undefined;
}

test('Compose takes the file, and with the profile observability what watches the core', async ({ skip }) => {
  const watched = await composeConfig('--profile', 'observability');
  if (watched === undefined) return skip('no Compose on this machine');
  const { services } = parse(watched) as ComposeFile;
  const added = Object.entries(compose.services).flatMap(([name, { profiles = [] }]) =>
    profiles.includes('observability') ? [name] : [],
  );
  expect(added.sort()).toEqual(['grafana', 'jaeger', 'prometheus']);
  // Versions are named, so that it comes up tomorrow as it does today.
  for (const name of added) expect(services[name]?.image ?? '').toMatch(/:v?\d+\.\d+\.\d+$/);
}, 60_000);

test('what watches the core finds it: Prometheus each deployable, Grafana Prometheus and the dashboard', async () => {
  type Scrapes = { scrape_configs: { static_configs: { targets: string[] }[] }[] };
  const { scrape_configs } = parse(await textOf('deploy/prometheus/prometheus.yml')) as Scrapes;
  const scraped = scrape_configs.flatMap(({ static_configs }) => static_configs.flatMap(({ targets }) => targets));
  const deployables = core.map(([name]) => name).filter((name) => /^(edge|initializer|relay)-/.test(name));
  expect(scraped.filter((target) => target.endsWith(':9090')).sort()).toEqual(
    expect.arrayContaining(deployables.map((name) => `${name}:9090`).sort()),
  );
  for (const target of scraped) expect([...Object.keys(compose.services), 'localhost']).toContain(target.split(':')[0]);
  const sources = parse(await textOf('deploy/grafana/datasources.yml')) as { datasources: { url: string }[] };
  expect(sources.datasources.map(({ url }) => new URL(url).hostname)).toContain('prometheus');
  const providers = parse(await textOf('deploy/grafana/dashboards.yml')) as {
    providers: { options: { path: string } }[];
  };
  const mounts = compose.services['grafana']?.volumes ?? [];
  for (const { options } of providers.providers)
    expect(mounts.some((mount) => mount.split(':')[1]?.startsWith(options.path))).toBe(true);
});

test('keys are made once, each for whom it is for, and users of Redis get theirs each time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keys-'));
  try {
    for (const name of ['edge', 'initializer', 'relay', 'redis']) await mkdir(join(folder, name));
    const make = () =>
      promisify(execFile)(process.execPath, [
        join(root, 'deploy/make-keys.mjs'),
        join(root, 'docs/redis/users.acl'),
        folder,
      ]);
    const made = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
    await make();
    const edge = await made('edge/edge.env');
    const users = await made('redis/users.acl');
    expect(users).not.toContain('CHANGE-ME');
    for (const role of ['edge', 'initializer', 'relay']) {
      const [, password] =
        /REDIS_URL=redis:\/\/[\w-]+:([^@]+)@redis:6379/.exec(await made(`${role}/${role}.env`)) ?? [];
      expect(users).toContain(`user reveille-${role} on >${password} `);
    }
    await writeFile(join(folder, 'redis/users.acl'), 'of an older version');
    await make();
    expect(await made('edge/edge.env')).toBe(edge);
    expect(await made('redis/users.acl')).toContain(/user reveille-edge on >\S+/.exec(users)?.[0]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
