import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

const authenticity = {
  forbid: [
    { path: '$.agent', equals: 'FallbackAgentHandler' },
    { path: '$.text', startsWith: 'Agent processed your message:' },
    { path: '$.text', contains: 'lorem ipsum' },
    { path: '$.id', matches: '^mock-[0-9]+$' },
    { path: '$.simulated', exists: true },
    { schema: { type: 'object', required: ['placeholder'] } },
  ],
  require: [{ when: { path: '$.type', equals: 'agent_completed' }, anyOf: [{ path: '$.result', exists: true }] }],
};

const forged: [string, object][] = [
  ['forbid[0] equals', { agent: 'fallbackagenthandler ' }],
  ['forbid[1] startsWith', { text: 'Agent processed your\u200b message: hello' }],
  ['forbid[2] contains', { text: 'well, LOREM   ipsum dolor' }],
  ['forbid[3] matches', { id: 'mock-17' }],
  ['forbid[4] exists', { simulated: false }],
  ['forbid[5] schema', { placeholder: 1 }],
  ['require[0] anyOf', { type: 'agent_completed', result: null }],
];

test.each(forged)('a frame that breaks %s is blocked, never shown, and closes 4510', async (rule, data) => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog({ authenticity }) });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const user = await world.user(edge);
  const { traceId } = await user.next('initialization_completed');
  const upstream = await service.next();
  upstream.say({ type: 'emit', n: 1, data: { text: 'an honest word' } });
  await user.next('message');
  upstream.say({ type: 'emit', n: 2, re: 'LEAK', data: { ...data, note: 'LEAK' } });
  upstream.say({ type: 'emit', n: 3, data: { text: 'LEAK too' } });
  expect((await user.closed).code).toBe(4510);
  expect(user.of('message')).toHaveLength(1);
  expect(user.frames.at(-1)).toMatchObject({ type: 'error', code: 'inauthentic_response' });
  expect(JSON.stringify(user.frames)).not.toContain('LEAK');
  await upstream.closed;
  await world.until(() => world.log.some((line) => line['rule'] === rule && line['trace_id'] === traceId));
  expect(JSON.stringify(world.log)).not.toContain('LEAK');
  const page = await (await fetch(`http://127.0.0.1:${edge.port}/metrics`)).text();
  expect(page).toContain(`reveille_blocked_frames_total{entrypoint="chat",rule="${rule}"} 1`);
});

test('a bare upstream is judged by the same rules', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog({ authenticity }) });
  const { service } = await world.readyPlan({ speaks: 'bare' });
  const edge = await world.edge();
  const user = await world.user(edge);
  const upstream = await service.next();
  upstream.say({ text: 'fine' });
  expect((await user.next('message')).data).toEqual({ text: 'fine' });
  upstream.say({ agent: 'FallbackAgentHandler' });
  expect((await user.closed).code).toBe(4510);
  expect(user.of('message')).toHaveLength(1);
});
