import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ask,
  completed,
  eventsIn,
  failed,
  post,
  startAssistant,
  startSupervisor,
  stream,
  type Assistant,
  type RunEvent,
} from './support/assistant.ts';
import { launch, startService } from './support/service-process.ts';
import { sumsOf, usageTable } from './support/usage-table.ts';

/** Creating the embedded database takes most of it. */
const START_TIMEOUT_MS = 180_000;
/** Large enough that a run over it is still under way when a test acts on its first events. */
const large = { name: 'large.csv', content: usageTable({ rows: 150_000, seed: 3 }) };
const small = { name: 'small.csv', content: usageTable({ rows: 10, seed: 4 }) };

let assistant: Assistant;
let url: string;
beforeAll(async () => {
  assistant = await startAssistant();
  url = assistant.supervisor.url;
}, START_TIMEOUT_MS);
afterAll(() => assistant[Symbol.asyncDispose]());

const cancel = (run: string): Promise<Response> => fetch(new URL(`/runs/${run}/cancel`, url), { method: 'POST' });
const follow = async (run: string, after: number): Promise<RunEvent[]> =>
  eventsIn(await (await fetch(new URL(`/runs/${run}/events?after=${after}`, url))).text());

async function firstOf(events: AsyncGenerator<RunEvent, void>, type: RunEvent['type']): Promise<RunEvent> {
  for (let next = await events.next(); next.done !== true; next = await events.next()) {
    if (next.value.type === type) return next.value;
  }
  throw new Error(`the run ended without ${type}`);
}

describe('a run', () => {
  it('tells how far a long tool is, as the same call, and nothing of it after its end', async () => {
    const events = await ask(url, { text: 'Summary', files: [large] });
    completed(events);
    const progress = events.filter((event) => event.type === 'tool_executing' && event.percent !== undefined);
    expect(progress.length).toBeGreaterThan(0);
    for (const event of progress) {
      if (event.type !== 'tool_executing') continue;
      const of = (type: string) =>
        events.filter((one) => one.type === type && 'call' in one && one.call === event.call);
      expect(of('tool_executing')[0]).not.toHaveProperty('percent');
      expect(event.n).toBeLessThan(of('tool_completed')[0]?.n ?? 0);
      expect(event.detail).toEqual(expect.any(String));
      expect(event.text).toContain(`${event.percent} %`);
    }
  });

  it('goes on when its reader goes away, and is followed again from any event', async () => {
    const response = await post(url, { text: 'Summary', files: [large] });
    const reading = stream(response);
    const { run } = await firstOf(reading, 'agent_started');
    await reading.return();
    const rest = await follow(run, 1);
    expect(rest[0]?.n).toBe(2);
    expect(completed(rest).result.analysis_results.totals).toEqual(sumsOf(large.content));
    expect(await follow(run, 0)).toHaveLength(rest.length + 1);
  });

  it('is the same for the same message, however often it is sent', async () => {
    const message = { session: 'again', id: 'm', text: 'Summary', files: [small] };
    const [first, second] = await Promise.all([ask(url, message), ask(url, message)]);
    expect(second).toEqual(first);
    expect(await ask(url, message)).toEqual(first);
  });

  it('is refused for another message with the same id', async () => {
    await ask(url, { session: 'reused', id: 'm', text: 'Summary', files: [small] });
    const response = await post(url, { session: 'reused', id: 'm', text: 'Something else' });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ error: { code: 'message_id_reused', advice: expect.any(String) } });
  });

  it('waits for the one before in its conversation, so that a follow-up finds the table', async () => {
    const session = 'in-order';
    const first = await post(url, { session, text: 'Summary', files: [large] });
    const second = await post(url, { session, text: 'And now?' });
    const [one, two] = await Promise.all([first.text(), second.text()]);
    expect(completed(eventsIn(two)).result.analysis_results.totals).toEqual(sumsOf(large.content));
    expect(eventsIn(two)[0]?.at).toBeGreaterThanOrEqual(eventsIn(one).at(-1)?.at ?? Infinity);
  });

  it('ends with words when it is cancelled while it works', async () => {
    const reading = stream(await post(url, { text: 'Summary', files: [large] }));
    const { run } = await firstOf(reading, 'tool_executing');
    expect((await cancel(run)).status).toBe(202);
    expect(await firstOf(reading, 'agent_failed')).toMatchObject({ code: 'cancelled', advice: expect.any(String) });
  });

  it('ends at once when it is cancelled while it waits, and the one before goes on', async () => {
    const session = 'cancel-waiting';
    const working = await post(url, { session, text: 'Summary', files: [large] });
    const waiting = await post(url, { session, text: 'And now?' });
    await cancel(String(waiting.headers.get('x-run-id')));
    const ended = failed(eventsIn(await waiting.text()));
    expect(ended.code).toBe('cancelled');
    const one = eventsIn(await working.text());
    completed(one);
    expect(one.at(-1)?.at).toBeGreaterThanOrEqual(ended.at);
  });

  it('vetoes an idle stop while it is under way', async () => {
    const busy = async (): Promise<number> => (await fetch(new URL('/busy', url))).status;
    await expect.poll(busy).toBe(404);
    const reading = stream(await post(url, { text: 'Summary', files: [large] }));
    const { run } = await firstOf(reading, 'tool_executing');
    expect(await busy()).toBe(200);
    await cancel(run);
    await firstOf(reading, 'agent_failed');
    await expect.poll(busy).toBe(404);
  });
});

describe('a request that is not right', () => {
  it.each([
    ['not JSON', 'hello', 400, 'bad_message'],
    ['no message', '{"user":"ann","session":"s"}', 400, 'bad_message'],
    ['no user', '{"session":"s","message":{"id":"1","text":""}}', 400, 'bad_message'],
    ['a NUL character', '{"user":"a","session":"s","message":{"id":"1","text":"\\u0000"}}', 400, 'bad_message'],
    ['above 24 MiB', `"${'x'.repeat(25 * 1024 * 1024)}"`, 413, 'too_large'],
  ])('is answered with what is wrong: %s', async (_name, body, status, code) => {
    const response = await fetch(new URL('/runs', url), { method: 'POST', body });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code, message: expect.any(String) } });
  });

  it.each([
    ['GET', '/runs/00ff/events', 404, 'run_not_found'],
    ['POST', '/runs/00ff/cancel', 404, 'run_not_found'],
    ['GET', '/elsewhere', 404, 'not_found'],
  ])('is answered with what is wrong: %s %s', async (method, path, status, code) => {
    const response = await fetch(new URL(path, url), { method });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  it('is refused when it follows from something that is no number', async () => {
    const [event] = await ask(url, { text: 'x' });
    const response = await fetch(new URL(`/runs/${event?.run}/events?after=first`, url));
    expect(response.status).toBe(400);
  });
});

describe('the process', () => {
  it('reports its work, and is ready only when it has reached what it needs', async () => {
    expect(assistant.supervisor.phases).toEqual(['connecting tools']);
    expect((await fetch(new URL('/readyz', url))).status).toBe(200);
    expect((await fetch(new URL('/livez', url))).status).toBe(200);
  });

  it.each([
    ['the tools', { tools: 'http://127.0.0.1:9', threads: undefined }, 'analysis tools could not be reached'],
    ['the conversations', { tools: undefined, threads: 'http://127.0.0.1:9' }, 'thread service could not be reached'],
  ])('ends with words when %s cannot be reached', async (_name, away, words) => {
    const process = launch('agent-supervisor', {
      REVEILLE_DEP_TOOL_CLASSES_URL: away.tools ?? assistant.tools.url,
      REVEILLE_DEP_THREAD_SERVICE_URL: away.threads ?? assistant.threads.url,
    });
    const { code, stderr } = await process.ended;
    expect(code).toBe(1);
    expect(stderr).toContain(words);
  });

  it('refuses every wrong setting at once, also of a language model', async () => {
    const model = { OPENAI_BASE_URL: 'localhost', OPENAI_API_KEY: 'a key', MODEL_TIMEOUT_MS: '1' };
    const { code, stderr } = await launch('agent-supervisor', model).ended;
    expect(code).toBe(2);
    const wrong = ['REVEILLE_DEP_TOOL_CLASSES_URL', 'REVEILLE_DEP_THREAD_SERVICE_URL', 'MODEL is missing'];
    for (const setting of [...wrong, ...Object.keys(model)]) expect(stderr).toContain(setting);
    expect(stderr).not.toContain('a key');
  });

  it('says of its runs that it is being stopped, and ends', async () => {
    await using supervisor = await startSupervisor({ tools: assistant.tools.url, threads: assistant.threads.url });
    const reading = stream(await post(supervisor.url, { text: 'Summary', files: [large] }));
    await firstOf(reading, 'tool_executing');
    const stopped = supervisor[Symbol.asyncDispose]();
    expect(await firstOf(reading, 'agent_failed')).toMatchObject({ code: 'service_stopping' });
    await stopped;
  });

  it('says that the tools are away when they are lost, and invents nothing', async () => {
    await using tools = await startService('tool-classes');
    await using supervisor = await startSupervisor({ tools: tools.url, threads: assistant.threads.url });
    const reading = stream(await post(supervisor.url, { text: 'Summary', files: [large] }));
    await firstOf(reading, 'tool_executing');
    await tools.kill();
    const last = await firstOf(reading, 'agent_failed');
    expect(last).toMatchObject({ code: 'tools_unavailable' });
    expect(last).not.toHaveProperty('result');
    expect(failed(await ask(supervisor.url, { text: 'Summary', files: [small] })).code).toBe('tools_unavailable');
  });
});
