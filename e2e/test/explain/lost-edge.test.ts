import { connectBroker } from '@reveille/broker';
import type { ServerFrameOf } from '@reveille/contracts';
import { createLogger } from '@reveille/telemetry';
import { expect, inject, test } from 'vitest';
import { Cluster, runs } from '../../src/cluster.ts';
import { startOtlpReceiver } from '../../src/otlp-receiver.ts';

const catalog = `
version: 1
services:
  store: { name: Store, start: { ${runs('store', '3000')} }, ready: { reported: true } }
  echo: { name: Echo, dependsOn: [store], start: { ${runs('echo', '/dev/null')} } }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } } }
`;

async function twoEdges(collector: { url: string }): Promise<Cluster> {
  return Cluster.start({
    redisUrl: inject('redisUrl'),
    catalog,
    size: { edge: 2 },
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  });
}

/** The first user begins it at the first edge, the second joins it at the second. */
async function wait(cluster: Cluster) {
  const begun = [];
  for (const [edge, user] of ['ann', 'bob'].entries()) {
    const client = await cluster.connect(user, edge, { reconnect: false });
    const { promise, resolve } = Promise.withResolvers<ServerFrameOf<'initialization_started'>>();
    client.on('initialization_started', resolve);
    const frame = await promise;
    begun.push({ client, frame });
  }
  const [ann, bob] = begun;
  if (ann === undefined || bob === undefined) throw new Error('two users');
  expect(bob.frame.initialization).toBe(ann.frame.initialization);
  return { ann: ann.client, bob: bob.client, traceId: ann.frame.traceId };
}

test('the trace of an initialization whose first edge was killed is whole', async () => {
  await using collector = await startOtlpReceiver();
  await using cluster = await twoEdges(collector);
  const { bob, traceId } = await wait(cluster);
  cluster.of('edge')[0]?.child.kill('SIGKILL');
  const [answer] = await Array.fromAsync(bob.ask({ text: 'hello' }));
  expect(answer?.data).toMatchObject({ data: { text: 'hello' } });
  const roots = () => collector.spans.filter((span) => span.traceId === traceId && span.parentSpanId === '');
  await expect.poll(() => roots().map(({ name }) => name), { timeout: 30_000 }).toEqual(['reveille.initialization']);
  const [root] = roots();
  expect(root?.attributes).toMatchObject({ 'reveille.outcome': 'ready' });
  const starts = () => collector.spans.filter((span) => span.traceId === traceId && span.name === 'reveille.start');
  await expect
    .poll(() => starts().map(({ parentSpanId }) => parentSpanId), { timeout: 30_000 })
    .toEqual([root?.spanId, root?.spanId]);
});

test('that the users of its first edge have left is not the end of it while others wait', async () => {
  await using collector = await startOtlpReceiver();
  await using cluster = await twoEdges(collector);
  const { ann, bob, traceId } = await wait(cluster);
  ann.close();
  await Array.fromAsync(bob.ask({ text: 'hello' }));
  const outcomes = () =>
    collector.spans
      .filter((span) => span.traceId === traceId && span.name === 'reveille.initialization')
      .map(({ attributes }) => attributes['reveille.outcome']);
  await expect.poll(outcomes, { timeout: 30_000 }).toEqual(['ready']);
});

test('an edge that was killed with its only user leaves a whole trace: a relay writes what it owed', async () => {
  await using collector = await startOtlpReceiver();
  await using cluster = await twoEdges(collector);
  const client = await cluster.connect('ann', 0, { reconnect: false });
  const { promise, resolve } = Promise.withResolvers<ServerFrameOf<'initialization_started'>>();
  client.on('initialization_started', resolve);
  const { traceId, initialization } = await promise;
  // What the edge gathers is written then.
  await using broker = await connectBroker({
    ...{ url: inject('redisUrl'), namespace: cluster.namespace, owner: 'test' },
    logger: createLogger({ name: 'test', level: 'silent' }),
  });
  const waits = () => broker.timelines.run(initialization).then((run) => run?.waits);
  await expect.poll(waits, { timeout: 10_000 }).toHaveLength(1);
  cluster.of('edge')[0]?.child.kill('SIGKILL');
  const spans = (name: string) => collector.spans.filter((span) => span.name === name);
  await expect.poll(() => spans('reveille.wait').map(({ links }) => links), { timeout: 60_000 }).toHaveLength(1);
  const roots = () => spans('reveille.initialization').filter((span) => span.traceId === traceId);
  await expect.poll(() => roots().map(({ parentSpanId }) => parentSpanId), { timeout: 60_000 }).toEqual(['']);
  const [root] = roots();
  const [wait] = spans('reveille.wait');
  expect(wait).toMatchObject({ status: 2, links: [{ traceId, spanId: root?.spanId }] });
  expect(wait?.attributes['reveille.outcome']).toBe('edge_lost');
  const ids = new Set(collector.spans.map(({ spanId }) => spanId));
  const orphans = collector.spans.filter((span) => span.parentSpanId !== '' && !ids.has(span.parentSpanId));
  expect(orphans.map(({ name }) => name)).toEqual([]);
});
