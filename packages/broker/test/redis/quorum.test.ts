import { connectBroker } from '@reveille/broker';
import { RedisSentinels } from '@reveille/broker/shapes';
import { expect, test, vi } from 'vitest';
import { readOne } from '../conformance/ledger.ts';
import { instanceOf } from '../conformance/samples.ts';
import { doubtOf } from '../../src/redis/quorum.ts';

const primary = new Map([['runid', 'a']]);
const heard = new Map([['flags', 'sentinel']]);
const silent = new Map([['flags', 's_down,sentinel,disconnected']]);

test('a sentinel that hears most of the others confirms the primary that it names', () => {
  expect(doubtOf('a', { primary, others: [heard, heard] })).toBeUndefined();
  expect(doubtOf('a', { primary, others: [heard, silent] })).toBeUndefined();
  // A sentinel that is alone by design knows no others.
  expect(doubtOf('a', { primary, others: [] })).toBeUndefined();
});

test('one on the smaller side of a partition confirms nothing, whatever it takes for the primary', () => {
  expect(doubtOf('a', { primary, others: [silent, silent] })).toBe('a sentinel hears 1 of 3 sentinels only');
  expect(doubtOf('a', { primary, others: [silent] })).toBe('a sentinel hears 1 of 2 sentinels only');
});

test('a Redis that the sentinels do not take for the primary is not confirmed, whoever hears them', () => {
  expect(doubtOf('b', { primary, others: [heard, heard] })).toBe('the sentinels take another Redis for the primary');
});

test('readings say so when most of the sentinels are away, and no more when they are back', async () => {
  await using sentinels = await RedisSentinels.launch();
  await using broker = await connectBroker({ url: sentinels.url, namespace: 'quorum', watchesQuorum: true });
  const isUnconfirmed = async (): Promise<boolean> => (await readOne(broker, instanceOf('db'))).unconfirmed === true;
  expect(await isUnconfirmed()).toBe(false);
  const away = sentinels.sentinels.slice(1).map(({ server }) => server.pid);
  for (const pid of away) process.kill(pid, 'SIGSTOP');
  try {
    await vi.waitFor(async () => expect(await isUnconfirmed()).toBe(true), { timeout: 60_000 });
  } finally {
    for (const pid of away) process.kill(pid, 'SIGCONT');
  }
  await vi.waitFor(async () => expect(await isUnconfirmed()).toBe(false), { timeout: 60_000 });
});
