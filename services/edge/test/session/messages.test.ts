import { upstreamCloseCodes, upstreamHeaders } from '@reveille/contracts';
import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

const small = { heldMessages: 2, heldBytes: 100, messageBytes: 50 };

test('held messages are bounded in number and bytes, and one that is too large is refused', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog({ limits: small }) });
  const edge = await world.edge();
  const user = await world.user(edge);
  user.say({ type: 'send', id: 'large', data: 'x'.repeat(60) });
  expect(await user.next('rejected')).toMatchObject({ id: 'large', code: 'too_large' });
  user.say({ type: 'send', id: 'a', data: 'x'.repeat(40) });
  user.say({ type: 'send', id: 'b', data: 'x'.repeat(40) });
  user.say({ type: 'send', id: 'c', data: 1 });
  expect(await user.next('rejected')).toMatchObject({ id: 'c', code: 'too_many' });
});

test('a frame above the bound of the socket closes 1009', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog({ limits: small }) });
  const edge = await world.edge();
  const user = await world.user(edge);
  user.say({ type: 'send', id: 'huge', data: 'x'.repeat(100_000) });
  expect((await user.closed).code).toBe(1009);
});

test('the same id again is answered again and delivered once', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const user = await world.user(edge);
  const upstream = await service.next();
  user.say({ type: 'send', id: 'a', data: 1 });
  user.say({ type: 'send', id: 'a', data: 1 });
  expect(await user.next('error')).toMatchObject({ code: 'duplicate_in_flight', id: 'a' });
  expect(user.of('accepted')).toEqual([]);
  await upstream.take();
  await user.next('accepted');
  user.say({ type: 'send', id: 'a', data: 1 });
  await user.next('accepted');
  user.say({ type: 'send', id: 'b', data: 2 });
  expect((await upstream.take()).id).toBe('b');
  expect(upstream.heard.filter(({ id }) => id === 'a')).toHaveLength(1);
});

test('nothing is accepted before the service has taken it', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const user = await world.user(edge);
  const upstream = await service.next();
  user.say({ type: 'send', id: 'a', data: 1 });
  await upstream.next('deliver');
  upstream.say({ type: 'emit', n: 1, data: 'not taken yet' });
  await user.next('message');
  expect(user.of('accepted')).toEqual([]);
  upstream.say({ type: 'taken', id: 'a' });
  await user.next('accepted');
});

test('a lost connection names what was accepted and not answered, and what was not taken is delivered again', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const user = await world.user(edge);
  const upstream = await service.next();
  for (const id of ['answered', 'open', 'untaken']) user.say({ type: 'send', id, data: id });
  await upstream.take();
  await upstream.take();
  await upstream.next('deliver');
  upstream.say({ type: 'emit', n: 1, re: 'answered', final: true, data: 1 });
  await user.next('message');
  upstream.socket.terminate();
  expect(await user.next('interrupted')).toMatchObject({ reason: 'service_lost', ids: ['open'] });
  const again = await service.next();
  expect(again.headers[upstreamHeaders.stored]).toBe('1');
  expect((await again.take()).id).toBe('untaken');
  await user.next('accepted', ({ id }) => id === 'untaken');
  again.say({ type: 'emit', n: 2, re: 'untaken', final: true, data: 2 });
  expect((await user.next('message')).seq).toBe(2);
  expect(user.of('initialization_started')).toEqual([]);
});

test('a service that is lost for good is started again with progress, and the session goes on', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service, record } = await world.readyPlan();
  const edge = await world.edge();
  const user = await world.user(edge);
  await service.next();
  await user.next('initialization_completed');
  await service[Symbol.asyncDispose]();
  await user.next('interrupted');
  const started = await user.next('initialization_started');
  expect(started.reason).toBe('lost');
  await world.until(() =>
    world.jobs.some(({ reason, instance }) => reason === 'suspect' && instance === record.instance),
  );
  await world.commit('agent', 'lost', () => ({ state: 'lost' }));
  await world.waiting('agent');
  const { instance, generation } = await world.starting('agent');
  const next = await world.service({ is: { instance, generation } });
  await world.ready('agent', next.endpoint);
  expect(await user.next('initialization_completed')).toMatchObject({ initialization: started.initialization });
  user.say({ type: 'send', id: 'a', data: 1 });
  await (await next.next()).take();
  await user.next('accepted');
});

test('a bare upstream gets the bare data at most once; what it had not got is rejected or named', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service } = await world.readyPlan({ speaks: 'bare' });
  const edge = await world.edge();
  const user = await world.user(edge);
  const upstream = await service.next();
  user.say({ type: 'send', id: 'a', data: { question: 1 } });
  await user.next('accepted');
  expect(await upstream.next('*')).toEqual({ question: 1 });
  upstream.say({ type: 'answer', final: true });
  expect(await user.next('message')).toMatchObject({ data: { type: 'answer', final: true }, seq: 1 });
  upstream.socket.terminate();
  expect((await user.next('interrupted')).ids).toEqual(['a']);
  const again = await service.next();
  user.say({ type: 'send', id: 'b', data: { question: 2 } });
  expect(await again.next('*')).toEqual({ question: 2 });
});

test('frames: text passes strings as they are', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog({ frames: 'text' }) });
  const { service } = await world.readyPlan({ speaks: 'bare' });
  const edge = await world.edge();
  const user = await world.user(edge);
  const upstream = await service.next();
  user.say({ type: 'send', id: 'a', data: 'not {json' });
  expect(await upstream.next('*')).toEqual({ data: 'not {json' });
  user.say({ type: 'send', id: 'b', data: { no: 'text' } });
  expect(await user.next('rejected')).toMatchObject({ id: 'b', code: 'bad_frame' });
  upstream.say('nor {this');
  expect((await user.next('message')).data).toBe('nor {this');
});

test.each([
  ['not JSON', 'hello there'],
  ['no event of the protocol', '{"type":"surprise"}'],
  ['a number out of turn', '{"type":"emit","n":7,"data":"LEAK"}'],
  ['nested beyond all reason', `{"type":"emit","n":1,"data":${'['.repeat(5000)}${']'.repeat(5000)}}`],
])('an upstream that says %s is closed, and the user is told in one clean failure', async (_, frame) => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const user = await world.user(edge);
  const upstream = await service.next();
  upstream.say(frame);
  expect((await user.next('interrupted')).reason).toBe('malformed');
  expect(await user.next('initialization_failed')).toMatchObject({
    failure: { code: 'upstream_refused' },
    retryable: true,
  });
  await upstream.closed;
  expect(user.of('message')).toEqual([]);
  expect((await user.retry()).type).toBe('initialization_completed');
});

test('a service that refuses the connection is suspected, tried again, and in the end the deadline says so', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog({ deadlineMs: 1_000 }) });
  const { service } = await world.readyPlan({ refuse: () => 503 });
  const edge = await world.edge();
  const user = await world.user(edge);
  expect((await user.next('initialization_started')).reason).toBe('lost');
  expect(await user.next('initialization_failed')).toMatchObject({
    failure: { code: 'upstream_refused', service: 'agent' },
  });
  expect(service.handshakes).toBeGreaterThan(2);
  expect(world.jobs.some(({ reason }) => reason === 'suspect')).toBe(true);
});

test('a service that is full closes 1013 and gets the message again later', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const user = await world.user(edge);
  const upstream = await service.next();
  user.say({ type: 'send', id: 'a', data: 1 });
  await upstream.next('deliver');
  upstream.socket.close(upstreamCloseCodes.full.code, upstreamCloseCodes.full.reason);
  await user.next('interrupted');
  expect((await (await service.next()).take()).id).toBe('a');
  await user.next('accepted');
});

test('when the user leaves, the service is told that the session is over', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const user = await world.user(edge);
  const upstream = await service.next();
  user.socket.close(1000);
  expect(await upstream.closed).toEqual(upstreamCloseCodes.ended);
});
