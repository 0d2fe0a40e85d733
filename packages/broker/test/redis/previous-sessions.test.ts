import { expect, inject, test } from 'vitest';
import { partitionOf } from '../../src/key/partition.ts';
import { redisBench } from './redis-bench.ts';

const windowMs = 10_000;
const owner = { session: 's1', entrypoint: 'chat', user: 'u1', keyDigest: 'k1' };
const bounds = { windowMs, messages: 100, bytes: 10_000 };

test('what an edge of the version before accepted is read with the one generation that it kept, and goes on beside the ids of this one', async () => {
  await using bench = await redisBench({ url: inject('redisUrl') });
  const { sessions } = bench.broker;
  const begun = await sessions.begin(owner, { edge: 'e1', seq: 0, stored: 0, windowMs });
  if ('refused' in begun) throw new Error(begun.refused);
  const hold = { session: 's1', epoch: begun.epoch };
  const key = `{${bench.namespace}:p${partitionOf('s1', 8)}}:session:s1`;
  await sessions.write(hold, [{ kind: 'accept', id: 'new', generation: 5 }], bounds);
  // What its script writes.
  await bench.redis.rpush(`${key}:accepted`, 'old', 'answered');
  await bench.redis.sadd(`${key}:unanswered`, 'old', 'answered');
  await bench.redis.hset(key, 'generation', '6');
  const answered = { seq: 1, stored: 1, frame: 'frame', answered: 'answered' };
  expect(await sessions.write(hold, [{ kind: 'keep', message: answered }], bounds)).toEqual(['kept']);
  expect(await sessions.takeOver(owner, { edge: 'e2', lastSeq: 1, windowMs })).toMatchObject({
    accepted: ['new', 'old', 'answered'],
    unanswered: [
      { id: 'new', generation: 5 },
      { id: 'old', generation: 6 },
    ],
    generation: 6,
  });
});
