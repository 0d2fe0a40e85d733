import type { ReveilleClient } from '@reveille/client';
import type { Explanation } from '@reveille/orchestration';
import { expect, inject, test } from 'vitest';
import { Cluster, runs } from '../../src/cluster.ts';
import { explainCommand } from '../../src/explain-command.ts';
import { startOtlpReceiver } from '../../src/otlp-receiver.ts';

const catalog = `
version: 1
services:
  store: { name: Store, start: { ${runs('store', '3000')} }, ready: { reported: true } }
  echo: { name: Echo, scope: user, dependsOn: [store], start: { ${runs('echo', '/dev/null')} } }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } } }
`;

test('users whose own services lack the same database are one trace, and each has an explanation of their own', async () => {
  await using collector = await startOtlpReceiver();
  const traces = new Set<string>();
  {
    await using cluster = await Cluster.start({
      redisUrl: inject('redisUrl'),
      catalog,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    });
    const names = ['ann', 'bob', 'cleo'];
    const users: ReveilleClient[] = [];
    for (const name of names) {
      const user = await cluster.connect(name);
      users.push(user);
      user.on('initialization_started', (frame) => traces.add(frame.traceId));
      // Whoever comes once the database is opened joins.
      const opening = Promise.withResolvers<void>();
      user.on('service_initializing', (frame) => frame.phase === 'opening' && opening.resolve());
      await opening.promise;
    }
    await Promise.all(users.map((user) => user.ready()));
    for (const name of names) {
      const explain = async (): Promise<Explanation> =>
        JSON.parse(await explainCommand(cluster, '--user', name, '--tenant', 'acme', '--format', 'json'));
      await expect.poll(explain, { timeout: 15_000 }).toMatchObject({
        outcome: 'ready',
        target: 'echo',
        waits: [{ outcome: 'connected' }],
        services: [{ outcome: 'ready' }, { outcome: 'ready', service: 'echo', onChain: true }],
      });
      const { chain, totalMs } = await explain();
      expect(chain.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(totalMs);
      // The start of their own service is no part of "opening the connection".
      const kinds = chain.filter(({ service }) => service === 'echo').map(({ kind }) => kind);
      expect(kinds).toContain('probing');
    }
  }
  expect(traces.size).toBe(1);
  const roots = collector.spans.filter(({ name }) => name === 'reveille.initialization');
  expect(roots.map(({ traceId }) => traceId)).toEqual([...traces]);
});
