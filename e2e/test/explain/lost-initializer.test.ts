import type { Explanation } from '@reveille/orchestration';
import { expect, inject, test } from 'vitest';
import { Cluster, runs } from '../../src/cluster.ts';
import { explainCommand } from '../../src/explain-command.ts';
import { startOtlpReceiver } from '../../src/otlp-receiver.ts';

const catalog = `
version: 1
services:
  store: { name: Store, start: { ${runs('store', '60000')} }, ready: { tcp: {} } }
entrypoints:
  chat: { service: store }
`;

test('an initializer that is killed in the middle of a start shows in the explanation and in the trace', async () => {
  await using collector = await startOtlpReceiver();
  const redisUrl = inject('redisUrl');
  await using cluster = await Cluster.start({
    redisUrl,
    catalog,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '200',
    },
  });
  const client = await cluster.connect('ann');
  let traceId = '';
  client.on('initialization_started', (frame) => (traceId = frame.traceId));
  const opening = Promise.withResolvers<void>();
  client.on('service_initializing', (frame) => frame.phase === 'opening' && opening.resolve());
  await opening.promise;
  const [first] = cluster.of('initializer');
  first?.child.kill('SIGKILL');
  await first?.exited;
  cluster.add('initializer');

  const outcomes = async (): Promise<string[]> => {
    const { services } = JSON.parse(await explainCommand(cluster, '--format', 'json')) as Explanation;
    return services.flatMap(({ attempts }) => attempts.map(({ outcome }) => outcome));
  };
  await expect.poll(outcomes, { timeout: 60_000, interval: 1000 }).toEqual(['abandoned', 'under_way']);
  const text = await explainCommand(cluster);
  expect(text).toMatch(/^Chat is not ready after .* of that was Store /);
  expect(text).toMatch(/Store, attempt 1: abandoned after .*: its initializer was lost/);
  expect(text).toMatch(/1 session of 1 user.*1 wait did not end/);
  const abandoned = () => collector.spans.find((span) => span.attributes['reveille.outcome'] === 'abandoned');
  await expect.poll(abandoned, { timeout: 30_000 }).toMatchObject({
    ...{ traceId, name: 'reveille.start', service: 'reveille-relay', status: 2 },
  });
});
