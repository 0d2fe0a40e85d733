import { expect, inject, test } from 'vitest';
import { Balancer } from '../../src/balancer.ts';
import { echoCatalog } from '../../src/churn/churn.ts';
import { ReplacedEdges } from '../../src/churn/replaced-edges.ts';
import { answeredOnceMore, Talker } from '../../src/churn/talker.ts';
import { Cluster } from '../../src/cluster.ts';

test('edges are restarted and killed under load: every session goes on, and no message is lost or doubled', async () => {
  await using balancer = await Balancer.listen();
  await using cluster = await Cluster.start({
    redisUrl: inject('redisUrl'),
    catalog: echoCatalog,
    size: { edge: 2 },
  });
  const edges = await ReplacedEdges.behind(balancer, cluster);
  const talkers = Array.from({ length: 12 }, (_, at) => new Talker(`user-${at}`, balancer.url));
  try {
    await answeredOnceMore(talkers);
    for (const signal of ['SIGTERM', 'SIGTERM', 'SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
      const { code } = await edges.replaceOldest(signal);
      expect(code).toBe(signal === 'SIGTERM' ? 0 : null);
      await answeredOnceMore(talkers);
    }
    await Promise.all(talkers.map((talker) => talker.stop()));
  } finally {
    for (const { client } of talkers) client.close();
  }
  for (const { count, failure } of talkers) {
    expect(failure).toBeUndefined();
    expect(count).toMatchObject({ lost: 0, doubled: 0, missing: 0, outOfOrder: 0, begunAnew: 0, refused: 0 });
  }
  // Each of them was on an edge that went, more than once.
  expect(Math.min(...talkers.map(({ resumed }) => resumed))).toBeGreaterThan(0);
});
