import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerFrame } from '@reveille/contracts';
import { describe, expect, inject, test } from 'vitest';
import { Cluster, runs } from '../../src/cluster.ts';
import { startOtlpReceiver } from '../../src/otlp-receiver.ts';

const catalog = (dir: string) => `
version: 1
services:
  store: { name: Store, start: { ${runs('store', '200')} }, ready: { reported: true } }
  echo:
    name: Echo
    scope: tenant
    dependsOn: [store]
    start: { ${runs('echo', join(dir, 'said.txt'))} }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } }, limits: { connectionsPerUser: 100 } }
`;

describe('three edges, two initializers and two relays, each a process of its own', () => {
  test('users on every edge wait for one start, see honest progress, and get answers of the real service', async () => {
    await using cluster = await Cluster.start({
      redisUrl: inject('redisUrl'),
      catalog,
      size: { edge: 3, initializer: 2, relay: 2 },
    });
    const users = ['ann', 'bob', 'cem', 'dua', 'eva', 'fay'];
    const seen = new Map<string, ServerFrame[]>();
    const answers = await Promise.all(
      users.map(async (user, index) => {
        const client = await cluster.connect(user, index % 3);
        const frames: ServerFrame[] = [];
        seen.set(user, frames);
        client.on('*', (frame) => frames.push(frame));
        const messages = [];
        for await (const message of client.ask({ text: `hello from ${user}` })) messages.push(message);
        return messages;
      }),
    );

    const pids = new Set<number>();
    for (const [index, [answer, ...more]] of answers.entries()) {
      expect(more).toEqual([]);
      expect(answer).toMatchObject({ seq: 1, final: true, origin: { service: 'echo' } });
      const data = answer?.data as { user: string; store: string; pid: number; data: unknown };
      expect(data).toMatchObject({ user: users[index], store: 'store', data: { text: `hello from ${users[index]}` } });
      pids.add(data.pid);
    }
    expect(pids.size).toBe(1);

    for (const frames of seen.values()) {
      const types = frames.map((frame) => frame.type);
      expect(types[0]).toBe('welcome');
      expect(types[1]).toBe('initialization_started');
      expect(types.filter((type) => type === 'initialization_completed' || type === 'initialization_failed')).toEqual([
        'initialization_completed',
      ]);
      expect(types.indexOf('message')).toBeGreaterThan(types.indexOf('initialization_completed'));
      const done = frames.flatMap((frame) => (frame.type === 'service_completed' ? [frame.service] : []));
      expect(done).toEqual(['store', 'echo']);
    }
    const reported = [...seen.values()].flat().filter((frame) => frame.type === 'service_initializing');
    expect(
      reported.some(
        (frame) => frame.phase === 'opening' && frame.message === 'Store is starting: opening the store 50 %.',
      ),
    ).toBe(true);
    expect(await readFile(join(cluster.dir, 'said.txt'), 'utf8')).toMatch(/^([0-9a-f]{64}\n){6}$/);
  });

  test('a second connect is warm on any edge: no initialization, no job', async () => {
    await using cluster = await Cluster.start({ redisUrl: inject('redisUrl'), catalog, size: { edge: 2 } });
    await (await cluster.connect('ann', 0)).ready();
    const warm = await cluster.connect('bob', 1);
    const types: string[] = [];
    warm.on('*', (frame) => types.push(frame.type));
    await warm.ready();
    expect(types).toEqual(['welcome', 'initialization_completed']);
  });

  test('the trace of an initialization is in the log lines of all three', async () => {
    await using cluster = await Cluster.start({ redisUrl: inject('redisUrl'), catalog, env: { LOG_LEVEL: 'debug' } });
    const client = await cluster.connect('ann');
    const started = new Promise<string>((resolve) => {
      client.on('initialization_started', (frame) => resolve(frame.traceId));
    });
    await client.ready();
    const traceId = await started;
    for (const one of cluster.deployables)
      await expect
        .poll(() => one.log.some((line) => line.trace_id === traceId), { message: one.kind, timeout: 10_000 })
        .toBe(true);
  });

  test('one trace runs through edge, initializer and relay into the started service', async () => {
    await using collector = await startOtlpReceiver();
    let traceId = '';
    {
      await using cluster = await Cluster.start({
        redisUrl: inject('redisUrl'),
        catalog,
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      });
      const client = await cluster.connect('ann');
      client.on('initialization_started', (frame) => (traceId = frame.traceId));
      await client.ready();
    }
    const trace = collector.spans.filter((span) => span.traceId === traceId);
    const services = new Set(trace.map((span) => span.service));
    expect([...services].toSorted()).toEqual([
      'echo',
      'reveille-edge',
      'reveille-initializer',
      'reveille-relay',
      'store',
    ]);
    const root = trace.find((span) => span.parentSpanId === '');
    expect(root).toMatchObject({ service: 'reveille-edge', name: 'reveille.initialization' });
    const known = new Set(trace.map((span) => span.spanId));
    expect(trace.filter((span) => span !== root && !known.has(span.parentSpanId))).toEqual([]);
    const opened = trace.find((span) => span.name === 'open store');
    expect(trace.find((span) => span.spanId === opened?.parentSpanId)).toMatchObject({ name: 'reveille.start' });
  });
});
