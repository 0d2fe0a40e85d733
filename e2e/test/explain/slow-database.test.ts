import { join } from 'node:path';
import type { Explanation } from '@reveille/orchestration';
import { describe, expect, inject, test } from 'vitest';
import { Cluster, runs } from '../../src/cluster.ts';
import { explainCommand } from '../../src/explain-command.ts';
import { startOtlpReceiver } from '../../src/otlp-receiver.ts';

const openingMs = 8_000;
const catalog = (dir: string) => `
version: 1
services:
  conversations: { name: Conversations, start: { ${runs('store', String(openingMs))} }, ready: { reported: true } }
  store: { name: Store, start: { ${runs('store')} }, ready: { reported: true } }
  echo:
    name: Echo
    dependsOn: [conversations, store]
    start: { ${runs('echo', join(dir, 'said.txt'))} }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } } }
`;

describe('with a database that is slow to open', () => {
  test('reveille explain names it in its first sentence, and the trace shows it over all processes', async () => {
    await using collector = await startOtlpReceiver();
    const redisUrl = inject('redisUrl');
    const traces = new Set<string>();
    {
      await using cluster = await Cluster.start({
        redisUrl,
        catalog,
        size: { edge: 2 },
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      });
      const users = await Promise.all([cluster.connect('ann', 0), cluster.connect('bob', 1)]);
      for (const user of users) user.on('initialization_started', (frame) => traces.add(frame.traceId));
      await Promise.all(users.map((user) => user.ready()));
      // What edges and relays write down in the background is there within moments.
      await expect
        .poll(
          () =>
            explainCommand(cluster, '--last', '--format', 'json').then(
              (text) => JSON.parse(text).waits,
              () => [],
            ),
          { timeout: 15_000 },
        )
        .toMatchObject([{ outcome: 'connected' }, { outcome: 'connected' }]);

      const [first = ''] = (await explainCommand(cluster, '--last')).split('\n');
      expect(first).toMatch(/^Chat took \d+(\.\d)? s; \d+(\.\d)? s of that was Conversations opening the store\.$/);
      for (const choice of [
        ['--entrypoint', 'chat'],
        ['--user', 'bob', '--tenant', 'acme'],
        ['--trace', [...traces][0] ?? ''],
      ]) {
        const found = JSON.parse(await explainCommand(cluster, ...choice, '--format', 'json')) as Explanation;
        expect(found.blame[0]).toMatchObject({ service: 'conversations', label: 'opening' });
        expect(found.blame[0]?.ms).toBeGreaterThan(openingMs * 0.8);
        expect(found.chain.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(found.totalMs);
        expect(new Set(found.waits.map(({ edge }) => edge)).size).toBe(2);
      }
      expect(await explainCommand(cluster, '--last', '--format', 'svg')).toContain('>Conversations<');
    }
    expect(traces.size).toBe(1);
    const [traceId] = traces;
    const trace = collector.spans.filter((span) => span.traceId === traceId);
    expect([...new Set(trace.map(({ service }) => service))].toSorted()).toEqual([
      ...['echo', 'reveille-edge', 'reveille-initializer', 'reveille-relay', 'store'],
    ]);
    expect(new Set(trace.map(({ process }) => process)).size).toBeGreaterThanOrEqual(6);
    const byId = new Map(trace.map((span) => [span.spanId, span]));
    expect(byId.size).toBe(trace.length);
    const roots = trace.filter((span) => !byId.has(span.parentSpanId));
    expect(roots.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([['reveille.initialization', '']]);
    const parentOf = (name: string) => byId.get(trace.find((span) => span.name === name)?.parentSpanId ?? '')?.name;
    expect(['open store', 'take session', 'reveille.waiting', 'reveille.start'].map(parentOf)).toEqual([
      ...['reveille.start', 'reveille.upstream', 'reveille.initialization', 'reveille.initialization'],
    ]);
    const waits = collector.spans.filter(({ name }) => name === 'reveille.wait');
    expect(waits.map(({ links, attributes }) => [links, attributes['reveille.outcome']])).toEqual([
      [[{ traceId, spanId: roots[0]?.spanId }], 'connected'],
      [[{ traceId, spanId: roots[0]?.spanId }], 'connected'],
    ]);
    expect(trace.filter(({ status }) => status === 2)).toEqual([]);
  });
});
