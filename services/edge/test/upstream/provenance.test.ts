import { writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { proofText, upstreamHeaders } from '@reveille/contracts';
import { instanceKeyPair, signProof } from '@reveille/service-kit/keys';
import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import { rightProof, rootSecret, type ServiceOptions } from '../harness/service.ts';
import { World } from '../harness/world.ts';

const lie = 'LIE';
const v1Lie = JSON.stringify({ type: 'emit', n: 1, data: lie });

type Prove = NonNullable<ServiceOptions['prove']>;
type Is = ServiceOptions['is'];

function signed(
  of: Is,
  request: IncomingMessage,
  change: Partial<Parameters<typeof proofText>[0]>,
  secret = rootSecret,
): string {
  const { headers } = request;
  const honest = {
    nonce: String(headers[upstreamHeaders.challenge]),
    session: String(headers[upstreamHeaders.session]),
    ...of,
  };
  return signProof(instanceKeyPair(secret, of.instance, of.generation).seed, proofText({ ...honest, ...change }));
}

const lies: [string, (is: Is) => Prove][] = [
  ['no proof', () => () => undefined],
  ['an empty proof', () => () => ''],
  ['rubbish', () => () => 'not-a-signature'],
  ['the key of another deployment', (is) => (request) => signed(is, request, {}, Buffer.alloc(32, 9))],
  [
    'the key of an earlier generation',
    (is) => (request) => rightProof({ ...is, generation: is.generation - 1 }, request),
  ],
  ['a proof of another challenge', (is) => (request) => signed(is, request, { nonce: 'A'.repeat(43) })],
  ['a proof of another session', (is) => (request) => signed(is, request, { session: 'somebody-else' })],
  ['a proof for another instance', (is) => (request) => signed(is, request, { instance: 'store~global' })],
  ['two proofs', (is) => (request) => [rightProof(is, request), 'x']],
];

test.each(lies)('an upstream with %s never reaches the user: one clean failure', async (_, prove) => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const instance = await world.instance('agent');
  const generation = Date.now() * 1000;
  const is = { instance, generation };
  await world.ready('store');
  const service = await world.service({ is, prove: prove(is), blurt: v1Lie });
  await world.commit('agent', 'wanted', () => ({ state: 'starting', generation }));
  await world.ready('agent', service.endpoint);
  const edge = await world.edge();
  const user = await world.user(edge);
  const failed = await user.next('initialization_failed');
  expect(failed).toMatchObject({ retryable: true, failure: { code: 'upstream_unproven', service: 'agent' } });
  expect(user.of('message')).toEqual([]);
  expect(JSON.stringify(user.frames)).not.toContain(lie);
  await world.until(() => world.jobs.some(({ reason }) => reason === 'suspect'));
});

test('a proof that was seen once is worth nothing again: each handshake has a challenge of its own', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const instance = await world.instance('agent');
  const generation = Date.now() * 1000;
  let seen: string | undefined;
  const { service } = await world.readyPlan({
    is: { instance, generation },
    prove: (request) =>
      (seen ??= rightProof({ instance, generation: Number(request.headers[upstreamHeaders.generation]) }, request)),
    blurt: v1Lie,
  });
  const edge = await world.edge();
  const first = await world.user(edge);
  await first.next('message');
  const upstream = await service.next();
  upstream.socket.terminate();
  await first.next('interrupted');
  expect(await first.next('initialization_failed')).toMatchObject({ failure: { code: 'upstream_unproven' } });
  expect(first.of('message')).toHaveLength(1);
  const second = await world.user(edge, 'bob');
  expect(await second.next('initialization_failed')).toMatchObject({ failure: { code: 'upstream_unproven' } });
  expect(second.of('message')).toEqual([]);
});

test('frames that follow the handshake at once wait for the proof and pass when it is right', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  await world.readyPlan({ blurt: JSON.stringify({ type: 'emit', n: 1, data: 'early' }) });
  const edge = await world.edge();
  const user = await world.user(edge);
  expect((await user.next('message')).data).toBe('early');
  expect(user.types()).toEqual(['welcome', 'initialization_completed', 'message']);
});

test('a generation that was replaced in the middle of a stream says nothing more', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service, record } = await world.readyPlan();
  const edge = await world.edge();
  const user = await world.user(edge);
  const old = await service.next();
  old.say({ type: 'emit', n: 1, data: 'true' });
  await user.next('message');
  const generation = record.generation + 1;
  const next = await world.service({ is: { instance: record.instance, generation } });
  await world.commit('agent', 'wanted', () => ({ state: 'starting', generation }));
  old.say({ type: 'emit', n: 2, data: lie });
  expect((await user.next('interrupted')).reason).toBe('replaced');
  expect((await user.next('initialization_started')).reason).toBe('replaced');
  await world.ready('agent', next.endpoint);
  await user.next('initialization_completed');
  const upstream = await next.next();
  expect(upstream.headers[upstreamHeaders.stored]).toBe('1');
  upstream.say({ type: 'emit', n: 2, data: 'new' });
  expect(await user.next('message')).toMatchObject({ seq: 2, data: 'new', origin: { generation } });
  await old.closed;
  expect(JSON.stringify(user.frames)).not.toContain(lie);
});

test('an edge never goes back to a lower generation than it has seen, also for a plan that it has forgotten', async () => {
  const deadlines = { deadlineMs: 1_000 };
  await using world = await World.create({ on: 'memory', catalog: chatCatalog(deadlines) });
  const { service, record } = await world.readyPlan();
  const edge = await world.edge();
  await (await world.user(edge)).next('initialization_completed');
  await service.next();
  const generation = record.generation - 5;
  const older = await world.service({ is: { instance: record.instance, generation }, blurt: v1Lie });
  await world.commit('agent', 'wanted', () => ({ state: 'starting', generation }));
  await world.ready('agent', older.endpoint);
  // Under another catalog everything is read anew.
  await writeFile(world.catalogPath, JSON.stringify(chatCatalog({ ...deadlines, frames: 'text' })));
  await edge.reload();
  const second = await world.user(edge, 'bob');
  expect((await second.next('initialization_failed')).failure.code).toBe('deadline_exceeded');
  expect(older.handshakes).toBe(0);
  expect(second.of('message')).toEqual([]);
});

test('provenance: endpoint trusts the address in the ledger', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog({ provenance: 'endpoint' }) });
  await world.readyPlan({ prove: () => undefined, blurt: JSON.stringify({ type: 'emit', n: 1, data: 'hi' }) });
  const edge = await world.edge();
  const user = await world.user(edge);
  expect((await user.next('message')).data).toBe('hi');
});
