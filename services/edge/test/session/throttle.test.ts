import type { Granted, Rates } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import { Allowance } from '../../src/limit/allowance.ts';
import { chatCatalog } from '../harness/catalogs.ts';
import type { Client } from '../harness/client.ts';
import { World } from '../harness/world.ts';

const limits = { messagesPerSecond: 10, heldMessages: 1000, connectionsPerUser: 5 };

function say(client: Client, from: number, count: number): void {
  for (let n = from; n < from + count; n += 1) client.say({ type: 'send', id: `m${n}`, data: n });
}

/** How many of the messages were refused, once all are answered. */
async function refusedOf(client: Client, count: number): Promise<number> {
  while (client.of('rejected').length + client.of('accepted').length < count)
    await client.nextOf('rejected', 'accepted');
  for (const { code, retryAfterMs } of client.of('rejected')) {
    expect(code).toBe('rate_limited');
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(1000);
  }
  return client.of('rejected').length;
}

test.each(['redis', 'memory'] as const)(
  'more messages than a user may say in a second are rejected (%s)',
  async (on) => {
    await using world = await World.create({ on, catalog: chatCatalog({ limits }) });
    await world.readyPlan({ speaks: 'bare' });
    const user = await world.user(await world.edge());
    await user.next('initialization_completed');
    say(user, 0, 30);
    const refused = await refusedOf(user, 30);
    expect(refused).toBe(20);
  },
);

test('what a user says at one edge counts at the others', async () => {
  await using world = await World.create({ catalog: chatCatalog({ limits }) });
  await world.readyPlan({ speaks: 'bare' });
  const [one, other] = [await world.edge(), await world.edge()];
  const [here, there] = [await world.user(one), await world.user(other)];
  await here.next('initialization_completed');
  await there.next('initialization_completed');
  // Never more at either edge than a user may say there alone; the shared second may end in between, then it is tried in another.
  for (let attempt = 0; there.of('rejected').length === 0; attempt += 1) {
    expect(attempt).toBeLessThan(5);
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 1_100));
    say(here, attempt * 10, 10);
    await refusedOf(here, attempt * 10 + 10);
    // What comes within the first round trip passes; the shared count refuses the rest.
    say(there, attempt * 6, 3);
    await refusedOf(there, attempt * 6 + 3);
    say(there, attempt * 6 + 3, 3);
    await refusedOf(there, attempt * 6 + 6);
  }
});

test('who says too much for long loses the socket with 4013; others are served meanwhile', async () => {
  const timings = { rateLimitedMs: 600 };
  await using world = await World.create({ on: 'memory', timings, catalog: chatCatalog({ limits }) });
  const edge = await world.edge();
  const [flooder, other] = [await world.user(edge, 'mallory'), await world.user(edge, 'bob')];
  let n = 0;
  const flood = setInterval(() => say(flooder, (n += 20), 20), 20);
  try {
    expect((await flooder.closed).code).toBe(4013);
  } finally {
    clearInterval(flood);
  }
  say(other, 0, 1);
  expect(other.socket.readyState).toBe(other.socket.OPEN);
  expect(other.of('rejected')).toEqual([]);
});

test('a flood of frames that are no messages is not read on, and ends with 4013', async () => {
  const timings = { rateLimitedMs: 600 };
  await using world = await World.create({ on: 'memory', timings, catalog: chatCatalog({ limits }) });
  const flooder = await world.user(await world.edge());
  const flood = setInterval(() => {
    for (let n = 0; n < 300; n += 1) flooder.say({ type: 'received', seq: 0 });
  }, 20);
  try {
    expect(await flooder.next('error')).toMatchObject({ code: 'rate_limited' });
    expect((await flooder.closed).code).toBe(4013);
  } finally {
    clearInterval(flood);
  }
});

class CountingRates implements Rates {
  readonly asked: number[] = [];
  answer: Promise<Granted> | undefined;

  async take(_of: unknown, messages: number): Promise<Granted> {
    this.asked.push(messages);
    return this.answer ?? { granted: messages, resetMs: 1000 };
  }
}

const of = { of: 'messages', entrypoint: 'chat', user: 'u', limit: 1_000_000 } as const;

test('a thousand messages of a second ask the shared count about ten times', async () => {
  const rates = new CountingRates();
  const allowance = new Allowance(rates, of);
  for (let n = 0; n < 1000; n += 1) {
    expect(allowance.take()).toBeUndefined();
    await Promise.resolve();
    await Promise.resolve();
  }
  expect(rates.asked.length).toBeLessThan(15);
  expect(rates.asked.reduce((sum, asked) => sum + asked)).toBeGreaterThanOrEqual(1000);
});

test('while the shared count does not answer an edge counts for itself', () => {
  const rates = new CountingRates();
  rates.answer = new Promise(() => undefined);
  const allowance = new Allowance(rates, { ...of, limit: 3 });
  const at = 1_000_000;
  expect([1, 2, 3].map(() => allowance.take(at))).toEqual([undefined, undefined, undefined]);
  expect(allowance.take(at + 400)).toBe(600);
  expect(allowance.take(at + 1000)).toBeUndefined();
});
