import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Edge } from '../../src/index.ts';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

const trustedProxies = ['127.0.0.0/8'];
const address = '10.1.2.3';

/**
 * A client at an address, as a proxy of ours says. `refused`: the status, or the code that it was closed with, before it heard anything. An
 * edge that does not know of the sockets of others yet lets in and takes back: `takenBack` comes then.
 */
type Came = AsyncDisposable & { refused: number | undefined; stays: () => boolean; takenBack: Promise<number> };

async function come(edge: Edge, from = address): Promise<Came> {
  const headers = { 'x-forwarded-for': from };
  const socket = new WebSocket(`${edge.url}/v1/connect/chat`, 'reveille.v1', { headers });
  const refused = await new Promise<number | undefined>((resolve) => {
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
    socket.on('error', () => undefined);
    socket.on('close', resolve);
    // Each a user of his own: how many one has is another limit.
    const hello = { type: 'hello', client: { name: 'test', version: '1' }, as: { user: randomUUID() } };
    socket.on('open', () => socket.send(JSON.stringify(hello)));
    socket.on('message', () => resolve(undefined));
  });
  const takenBack = new Promise<number>((resolve) => {
    if (socket.readyState === WebSocket.CLOSED) resolve(refused ?? 0);
    else socket.once('close', resolve);
  });
  return {
    refused,
    stays: () => refused === undefined && socket.readyState === WebSocket.OPEN,
    takenBack,
    async [Symbol.asyncDispose]() {
      socket.terminate();
      await takenBack;
    },
  };
}

async function refusalOf(came: Came): Promise<number> {
  return came.refused ?? (await came.takenBack);
}

/** Tries until it is let in: a place that was left is told in the background. */
async function comeAgain(edge: Edge): Promise<Came> {
  for (;;) {
    const one = await come(edge);
    if (one.refused === undefined) return one;
    await one[Symbol.asyncDispose]();
    await setTimeout(100);
  }
}

test('an address has so many sockets over all edges: whoever is one too many is told to try later, at either edge', async () => {
  const config = { connectionsPerAddress: 2, trustedProxies };
  await using world = await World.create({ catalog: chatCatalog(), config });
  await using stack = new AsyncDisposableStack();
  const [one, two] = [await world.edge(), await world.edge()];
  const first = await come(one);
  const second = stack.use(await come(two));
  expect([first.refused, second.refused]).toEqual([undefined, undefined]);
  expect([429, 1013]).toContain(await refusalOf(stack.use(await come(one))));
  expect([429, 1013]).toContain(await refusalOf(stack.use(await come(two))));
  expect(stack.use(await come(one, '10.1.2.4')).refused).toBeUndefined();
  await first[Symbol.asyncDispose]();
  stack.use(await comeAgain(two));
});

test('of many sockets of an address at once, at both edges, no more than it may have stay', async () => {
  const config = { connectionsPerAddress: 5, trustedProxies };
  await using world = await World.create({ catalog: chatCatalog(), config });
  const edges = [await world.edge(), await world.edge()];
  const all = await Promise.all(edges.flatMap((edge) => Array.from({ length: 10 }, () => come(edge))));
  await using _ = {
    [Symbol.asyncDispose]: async () => void (await Promise.all(all.map((one) => one[Symbol.asyncDispose]()))),
  };
  await expect.poll(() => all.filter(({ stays }) => stays()).length).toBe(5);
});

test('the sockets of an edge that died leave by themselves, those of one that was stopped at once', async () => {
  const config = { connectionsPerAddress: 1, trustedProxies };
  await using world = await World.create({ on: 'memory', catalog: chatCatalog(), config, timings: { leaseMs: 3000 } });
  await using stack = new AsyncDisposableStack();
  const memory = world.memory?.another();
  const [dead, alive] = [await world.edge({}, memory), await world.edge()];
  stack.use(await come(dead));
  expect([429, 1013]).toContain(await refusalOf(stack.use(await come(alive))));
  memory?.crash();
  const last = stack.use(await comeAgain(alive));
  expect(last.refused).toBeUndefined();
  const left = () => world.broker.addresses.claim({ address, own: 1 }, { edge: 'x', limit: 1, ttlMs: 1 });
  expect(await left()).toEqual({ granted: 0, others: 1 });
  await alive[Symbol.asyncDispose]();
  expect(await left()).toEqual({ granted: 1, others: 0 });
});

test('while the store is away each edge counts for itself', async () => {
  const config = { connectionsPerAddress: 1, handshakesPerSecond: 1000, trustedProxies };
  await using world = await World.create({ on: 'memory', catalog: chatCatalog(), config });
  await using stack = new AsyncDisposableStack();
  const memory = world.memory?.another();
  const edge = await world.edge({}, memory);
  memory?.cutOff();
  expect(stack.use(await come(edge)).refused).toBeUndefined();
  expect(stack.use(await come(edge)).refused).toBe(429);
});

test('handshakes of an address count over all edges: what one edge let in, another refuses', async () => {
  const config = { handshakesPerSecond: 50, trustedProxies };
  // A clock that stands still: the second of the shared count does not end under a slow test.
  const at = Date.now();
  await using world = await World.create({ on: 'memory', now: () => at, catalog: chatCatalog(), config });
  await using stack = new AsyncDisposableStack();
  const edge = await world.edge();
  await world.broker.rates.take({ of: 'handshakes', address, limit: 50 }, 50);
  // The first of a second passes while the shared count is asked; by itself this edge would let in fifty.
  let refused = 0;
  for (let n = 0; n < 10; n += 1) if (stack.use(await come(edge)).refused === 429) refused += 1;
  expect(refused).toBeGreaterThan(0);
  expect(stack.use(await come(edge, '10.1.2.4')).refused).toBeUndefined();
});
