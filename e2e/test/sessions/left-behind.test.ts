import { setTimeout } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { RecordedClient, Recording } from '../../src/api/recorded-client.ts';
import { echoCatalog } from '../../src/churn/churn.ts';
import { Cluster } from '../../src/cluster.ts';

test('a session that is continued while its first socket stands has one edge, and the service is asked once', async () => {
  await using cluster = await Cluster.start({ redisUrl: inject('redisUrl'), catalog: echoCatalog, size: { edge: 2 } });
  const recording = new Recording();
  const [one = '', two = ''] = await Promise.all(cluster.of('edge').map((edge) => edge.url()));
  const as = { as: { user: 'ada', tenant: 'acme' } };
  const ask = async (client: RecordedClient, id: string): Promise<number> => {
    client.say({ type: 'send', id, data: { text: id } } as never);
    const { re, seq } = await client.next('message');
    expect(re).toBe(id);
    return seq;
  };
  using first = await new RecordedClient(recording, one, 'chat').opened();
  const { session, resumeKey: key } = await first.hello(as);
  const lastSeq = await ask(first, 'm1');
  using second = await new RecordedClient(recording, two, 'chat').opened();
  expect(await second.hello({ ...as, resume: { session, key, lastSeq } })).toMatchObject({ resumed: true });
  expect(await ask(second, 'm2')).toBe(lastSeq + 1);
  expect(await first.closed).toMatchObject({ code: 1000, reason: 'continued elsewhere' });
  // Longer than an edge waits before it connects anew.
  await setTimeout(1000);
  expect(await ask(second, 'm3')).toBe(lastSeq + 2);
  expect(recording.said.filter(({ frame }) => frame.type === 'interrupted')).toEqual([]);
});
