import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launchBridge, startBridge, type BridgeProcess } from './support/bridge-process.ts';
import { EdgeEnd, keyEnv } from './support/edge-end.ts';
import { ScriptedSupervisor } from './support/scripted-supervisor.ts';

let supervisor: ScriptedSupervisor;
let bridge: BridgeProcess;
beforeEach(async () => {
  supervisor = await ScriptedSupervisor.start();
  bridge = await startBridge({ ...keyEnv, REVEILLE_DEP_AGENT_SUPERVISOR_URL: supervisor.url });
});
afterEach(async () => {
  await bridge[Symbol.asyncDispose]();
  await supervisor[Symbol.asyncDispose]();
});

const question = { text: 'Where do the tokens go?' };

describe('a message', () => {
  it('becomes a run of its user, and each event of the run an emit that answers it, the last one final', async () => {
    const edge = await EdgeEnd.connect(bridge.url, { session: 's1', user: 'ann', tenant: 'acme' });
    expect(edge.proof).toMatch(/^[\w-]+$/);
    const files = [{ name: 'a.csv', type: 'text/csv', content: 'x' }];
    const prices = { inputPerMillion: 1, outputPerMillion: 2 };
    edge.deliver('m1', { ...question, files, prices });
    await supervisor.say('m1', { type: 'agent_started', text: 'Begin.' });
    await supervisor.say('m1', { type: 'agent_completed', result: { insights: [{ numbers: { a: 1.5 } }] } });

    const order = { tenant: 'acme', user: 'ann', session: 's1', message: { id: 'm1', ...question, files, prices } };
    expect(supervisor.orders).toEqual([order]);
    expect(await edge.next()).toMatchObject({
      re: 'm1',
      final: false,
      data: { type: 'agent_started', run: 'run-m1', agent: 'triage', text: 'Begin.' },
    });
    expect(await edge.next()).toMatchObject({
      re: 'm1',
      final: true,
      data: { type: 'agent_completed', result: { insights: [{ numbers: { a: 1.5 } }] } },
    });
  });

  it('carries the trace of its session on to the run', async () => {
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const traceparent = `00-${trace}-b7ad6b7169203331-01`;
    const edge = await EdgeEnd.connect(bridge.url, { session: 's1', traceparent });
    edge.deliver('m1', question);
    expect((await supervisor.started('m1')).traceparent).toContain(trace);
    supervisor.refusal = { status: 429, error: { code: 'too_busy', message: 'Too many.', advice: 'Later.' } };
    edge.deliver('m2', question);
    expect((await edge.next()).data).toMatchObject({ code: 'too_busy', trace_id: trace });
  });

  it('is handed on only when the one before has been taken', async () => {
    const edge = await EdgeEnd.connect(bridge.url, { session: 's1' });
    const ids = ['m1', 'm2', 'm3', 'm4'];
    for (const [index, id] of ids.entries()) {
      // The first is by far the largest: on their own ways the later ones would overtake it.
      edge.deliver(id, {
        text: 'x',
        files: [{ name: 'f', content: 'y'.repeat(1000 ** (2 - Math.min(index, 2)) * 4) }],
      });
    }
    await supervisor.started('m4');
    expect(supervisor.orders.map(({ message }) => message.id)).toEqual(ids);
  });

  it.each([
    ['a bare text', 'hello'],
    ['no text', { files: [] }],
    ['a misspelt field', { text: 'x', price: 1 }],
    ['a file without content', { text: 'x', files: [{ name: 'a' }] }],
    ['prices that are no numbers', { text: 'x', prices: { inputPerMillion: '1', outputPerMillion: 2 } }],
    ['a NUL character', { text: 'a\u0000b' }],
  ])('that is not right is answered with what is wrong and what is expected: %s', async (_name, data) => {
    const edge = await EdgeEnd.connect(bridge.url, { session: 's1' });
    edge.deliver('m1', data);
    const said = await edge.next();
    expect(said).toMatchObject({
      re: 'm1',
      final: true,
      data: { type: 'agent_failed', code: 'bad_message', run: null },
    });
    expect(said.data).toMatchObject({ expected: expect.stringContaining('files?'), found: expect.any(String) });
    expect(supervisor.orders).toEqual([]);
  });

  it('that the supervisor refuses is answered with its words', async () => {
    const edge = await EdgeEnd.connect(bridge.url, { session: 's1' });
    const error = { code: 'message_id_reused', message: 'Known.', advice: 'Another id.' };
    supervisor.refusal = { status: 409, error };
    edge.deliver('m1', question);
    expect(await edge.next()).toMatchObject({ re: 'm1', final: true, data: { type: 'agent_failed', ...error } });
  });

  it('can be cancelled by another one', async () => {
    const edge = await EdgeEnd.connect(bridge.url, { session: 's1' });
    edge.deliver('m1', question);
    await supervisor.started('m1');
    edge.deliver('m2', { cancel: 'm1' });
    expect(await edge.next()).toMatchObject({
      re: 'm2',
      final: true,
      data: { type: 'cancel_requested', run: 'run-m1' },
    });
    expect(supervisor.cancelled).toEqual(['run-m1']);
    edge.deliver('m3', { cancel: 'unknown' });
    expect(await edge.next()).toMatchObject({ re: 'm3', final: true, data: { code: 'nothing_to_cancel' } });
  });
});

describe('a run', () => {
  it('goes on while its user reconnects, and nothing it says is lost or said twice', async () => {
    const before = await EdgeEnd.connect(bridge.url, { session: 's1' });
    before.deliver('m1', question);
    await supervisor.say('m1', { type: 'agent_started', text: 'one' });
    expect((await before.next()).data).toMatchObject({ text: 'one' });
    await before.vanish();
    await supervisor.say('m1', { type: 'agent_thinking', text: 'two' });
    const after = await EdgeEnd.connect(bridge.url, { session: 's1', stored: 1 });
    await supervisor.say('m1', { type: 'agent_completed', text: 'three', result: {} });
    expect((await after.next()).data).toMatchObject({ text: 'two' });
    expect(await after.next()).toMatchObject({ final: true, data: { text: 'three' } });
  });

  it('is followed on when its stream breaks, without a gap or a repeat', async () => {
    const edge = await EdgeEnd.connect(bridge.url, { session: 's1' });
    edge.deliver('m1', question);
    await supervisor.say('m1', { type: 'agent_started', text: 'one' });
    expect((await edge.next()).data).toMatchObject({ n: 1 });
    supervisor.breakStreams();
    await supervisor.say('m1', { type: 'agent_thinking', text: 'two' });
    await supervisor.say('m1', { type: 'agent_completed', text: 'three', result: {} });
    expect((await edge.next()).data).toMatchObject({ n: 2 });
    expect(await edge.next()).toMatchObject({ final: true, data: { n: 3 } });
    expect(supervisor.follows).toBe(1);
  });

  it('that is lost with its supervisor ends with the truth', async () => {
    const edge = await EdgeEnd.connect(bridge.url, { session: 's1' });
    edge.deliver('m1', question);
    await supervisor.say('m1', { type: 'agent_started', text: 'one' });
    await edge.next();
    await supervisor[Symbol.asyncDispose]();
    const lost = { type: 'agent_failed', code: 'supervisor_lost', run: 'run-m1' };
    expect(await edge.next()).toMatchObject({ re: 'm1', final: true, data: lost });
    edge.deliver('m2', question);
    const away = { type: 'agent_failed', code: 'supervisor_unreachable', run: null };
    expect(await edge.next()).toMatchObject({ re: 'm2', final: true, data: away });
  });

  it('that another supervisor does not know ends with the truth', async () => {
    const edge = await EdgeEnd.connect(bridge.url, { session: 's1' });
    edge.deliver('m1', question);
    await supervisor.say('m1', { type: 'agent_started', text: 'one' });
    await edge.next();
    supervisor.forget();
    expect(await edge.next()).toMatchObject({ re: 'm1', final: true, data: { code: 'supervisor_lost' } });
  });

  it('is said to its own session only', async () => {
    const [ann, bob] = await Promise.all([
      EdgeEnd.connect(bridge.url, { session: 's1', user: 'ann' }),
      EdgeEnd.connect(bridge.url, { session: 's2', user: 'bob' }),
    ]);
    ann.deliver('a', question);
    bob.deliver('b', question);
    for (const id of ['a', 'b']) await supervisor.say(id, { type: 'agent_completed', text: `for ${id}`, result: {} });
    expect(await ann.next()).toMatchObject({ re: 'a', data: { text: 'for a' } });
    expect(await bob.next()).toMatchObject({ re: 'b', data: { text: 'for b' } });
    expect(supervisor.orders.map(({ user, session }) => [user, session]).toSorted()).toEqual([
      ['ann', 's1'],
      ['bob', 's2'],
    ]);
  });

  it('vetoes an idle stop while it is under way', async () => {
    const busy = async (): Promise<number> => (await fetch(new URL('/busy', bridge.url))).status;
    expect(await busy()).toBe(404);
    const edge = await EdgeEnd.connect(bridge.url, { session: 's1' });
    edge.deliver('m1', question);
    await supervisor.say('m1', { type: 'agent_started' });
    await edge.next();
    expect(await busy()).toBe(200);
    await supervisor.say('m1', { type: 'agent_completed', result: {} });
    await edge.next();
    await expect.poll(busy).toBe(404);
  });
});

describe('the process', () => {
  it('asks the supervisor for real whether it is ready', async () => {
    const ready = async (): Promise<number> => (await fetch(new URL('/readyz', bridge.url))).status;
    expect(bridge.phases).toEqual(['connecting agents']);
    expect(await ready()).toBe(200);
    supervisor.ready = false;
    expect(await ready()).toBe(503);
    await supervisor[Symbol.asyncDispose]();
    expect(await ready()).toBe(503);
    expect((await fetch(new URL('/livez', bridge.url))).status).toBe(200);
    expect((await fetch(new URL('/elsewhere', bridge.url))).status).toBe(404);
  });

  it('does not become ready before the supervisor is', async () => {
    supervisor.ready = false;
    const env = { ...keyEnv, REVEILLE_DEP_AGENT_SUPERVISOR_URL: supervisor.url };
    const { code, output } = await launchBridge(env).ended;
    expect(code).toBe(1);
    expect(output).toContain('is not ready');
  });

  it('refuses to start without its supervisor, or without the keys that prove who connects', async () => {
    const homeless = await launchBridge(keyEnv).ended;
    expect(homeless.code).toBe(2);
    expect(homeless.output).toContain('REVEILLE_DEP_AGENT_SUPERVISOR_URL');
    const keyless = await launchBridge({ REVEILLE_DEP_AGENT_SUPERVISOR_URL: supervisor.url }).ended;
    expect(keyless.code).toBe(1);
    expect(keyless.output).toContain('REVEILLE_EDGE_KEY');
  });
});
