import { createLogger } from '@reveille/telemetry';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../src/service/http-app.ts';
import { listen, type Listening } from '../../src/service/listen.ts';
import { SessionPool } from '../../src/service/session-pool.ts';
import { ALL_TOOLS } from '../../src/tools/all-tools.ts';
import { registerTools } from '../../src/tools/registry.ts';
import { TableTexts } from '../../src/tools/table-texts.ts';
import { WorkerPool } from '../../src/work/worker-pool.ts';
import { connect } from '../support/mcp-client.ts';
import { largeTable } from '../support/large-table.ts';
import { csvOf } from '../support/read-table.ts';
import { plainSums, realUsage } from '../support/real-usage.ts';

const log = createLogger({ name: 'test', level: 'silent' });
/** One for all tests, as one process has: a thread takes longer to begin than a test to run. */
const workers = new WorkerPool();
let pool: SessionPool;
let http: Listening;
let url: string;

beforeEach(async () => {
  pool = new SessionPool({ registry: registerTools(ALL_TOOLS), workers, texts: new TableTexts(), log });
  http = await listen(createApp(pool, log), 0);
  url = `http://127.0.0.1:${http.port}`;
});

afterEach(async () => {
  await pool[Symbol.asyncDispose]();
  await http[Symbol.asyncDispose]();
});

afterAll(() => workers[Symbol.asyncDispose]());

const table = {
  content: csvOf([
    [0, 1500, 10],
    [1, 1500, 20],
    [70, 300, 5],
  ]),
  name: 'usage.csv',
};

describe('tool_classes over HTTP', () => {
  it('lists eight tools with input and output schemas', async () => {
    await using session = await connect(url);
    const { tools } = await session.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'describe_data',
      'cost_breakdown',
      'trend_and_peaks',
      'anomalies',
      'caching_opportunities',
      'batching_opportunities',
      'right_sizing_opportunities',
      'compare_tables',
    ]);
    for (const tool of tools)
      expect(tool).toMatchObject({ inputSchema: { type: 'object' }, outputSchema: { type: 'object' } });
  });

  it('computes the totals of a whole file sent once and named by its ref afterwards', async () => {
    const { content } = realUsage();
    await using session = await connect(url);
    const described = await session.call('describe_data', { table: { content } });
    expect(described.structuredContent).toMatchObject({ totals: plainSums(content) });
    const { ref } = (described.structuredContent as { table: { ref: string } }).table;
    for (const { name } of ALL_TOOLS) {
      const baseline = name === 'compare_tables' ? { baseline: { ref } } : {};
      const result = await session.call(name, { table: { ref }, ...baseline });
      expect(result.isError, name).toBeUndefined();
    }
  });

  it('never lets one session name a table of another', async () => {
    await using ann = await connect(url);
    await using bob = await connect(url);
    const described = await ann.call('describe_data', { table });
    const { ref } = (described.structuredContent as { table: { ref: string } }).table;
    expect(await ann.call('anomalies', { table: { ref } })).not.toHaveProperty('isError');
    expect(await bob.call('anomalies', { table: { ref } })).toMatchObject({
      isError: true,
      structuredContent: { code: 'unknown_table' },
    });
  });

  it('keeps a bounded number of tables per session', async () => {
    await using session = await connect(url);
    const described = await session.call('describe_data', { table });
    const { ref } = (described.structuredContent as { table: { ref: string } }).table;
    for (const size of [1, 2, 3]) await session.call('describe_data', { table: { content: csvOf([[0, size, 1]]) } });
    expect(await session.call('anomalies', { table: { ref } })).toMatchObject({
      isError: true,
      structuredContent: { code: 'unknown_table' },
    });
  });

  it.each([
    ['empty text', 'describe_data', { table: { content: '' } }, 'empty_table'],
    ['only a header', 'describe_data', { table: { content: 'time,input_tokens,output_tokens\n' } }, 'empty_table'],
    ['prose', 'cost_breakdown', { table: { content: 'Where do the tokens go?' } }, 'not_a_table'],
    ['no token columns', 'describe_data', { table: { content: 'a,b\n1,2\n' } }, 'missing_columns'],
    [
      'no time column',
      'trend_and_peaks',
      { table: { content: 'input_tokens,output_tokens\n1,2\n' } },
      'missing_columns',
    ],
    ['no table', 'describe_data', {}, 'invalid_arguments'],
    ['a wrong option', 'trend_and_peaks', { table, bucketMs: 'wide' }, 'invalid_arguments'],
    ['an unknown option', 'anomalies', { table, depth: 3 }, 'invalid_arguments'],
    [
      'negative prices',
      'cost_breakdown',
      { table, prices: { inputPerMillion: -1, outputPerMillion: 1 } },
      'invalid_arguments',
    ],
    ['an unknown tool', 'make_coffee', { table }, 'unknown_tool'],
  ])('answers %s with a typed error', async (_name, tool, args, code) => {
    await using session = await connect(url);
    const result = await session.call(tool, args);
    expect(result.isError).toBe(true);
    expect(result.structuredContent).toMatchObject({
      code,
      message: expect.any(String),
      expected: expect.any(String),
      found: expect.any(String),
    });
    expect(result.content).toEqual([{ type: 'text', text: (result.structuredContent as { message: string }).message }]);
  });

  it('answers a table above 10 MiB with a typed error, and a request above the bound with 413', async () => {
    await using session = await connect(url);
    const result = await session.call('describe_data', { table: { content: 'x'.repeat(10 * 1024 * 1024 + 1) } });
    expect(result.structuredContent).toMatchObject({ code: 'too_large' });
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { filler: 'x'.repeat(21 * 1024 * 1024) },
    });
    expect((await fetch(`${url}/mcp`, { method: 'POST', headers, body })).status).toBe(413);
  });

  it('answers the probes while it computes over 200,000 rows, and tells how far it is', async () => {
    await using session = await connect(url);
    const happened: string[] = [];
    const first = Promise.withResolvers<{ progress: number; total?: number; message?: string }>();
    const args = { table: { content: largeTable(200_000) } };
    const result = session.client.callTool({ name: 'describe_data', arguments: args }, undefined, {
      onprogress: (progress) => first.resolve(progress as { progress: number }),
    });
    void result.then(() => happened.push('result'));
    expect(await first.promise).toMatchObject({ total: 100, message: expect.stringContaining('reading') });
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    happened.push('probe');
    expect((await result).structuredContent).toMatchObject({ totals: { requests: 200_000 } });
    expect(happened).toEqual(['probe', 'result']);
  });

  it('ends the work of a call that is cancelled, or whose session ends', async () => {
    for (const end of ['cancel', 'leave']) {
      const session = await connect(url);
      const cancelled = new AbortController();
      const first = Promise.withResolvers<void>();
      const args = { table: { content: largeTable(200_000) } };
      const result = session.client.callTool({ name: 'describe_data', arguments: args }, undefined, {
        signal: cancelled.signal,
        onprogress: () => first.resolve(),
      });
      const refused = expect(result).rejects.toThrow();
      await first.promise;
      expect(workers.size.atWork).toBe(1);
      const threads = workers.size.atWork + workers.size.idle;
      if (end === 'cancel') cancelled.abort();
      else await session[Symbol.asyncDispose]();
      await refused;
      // Its thread is gone, not only its answer.
      await expect.poll(() => workers.size.atWork + workers.size.idle).toBe(threads - 1);
      if (end === 'cancel') await session[Symbol.asyncDispose]();
    }
  });

  it('answers the probes', async () => {
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it('refuses an unknown session, a request outside a session, and another host name', async () => {
    const post = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${url}/mcp`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
      });
    expect((await post({ 'mcp-session-id': 'nobody' })).status).toBe(404);
    expect((await post({})).status).toBe(400);
    expect((await fetch(`${url}/mcp`)).status).toBe(400);
    expect(pool.size).toBe(0);
  });

  it('forgets a session that ends, and closes those left idle', async () => {
    {
      await using session = await connect(url);
      expect(session.client.getServerVersion()?.name).toBe('tool_classes');
      expect(pool.size).toBe(1);
    }
    expect(pool.size).toBe(0);
    const left = await connect(url);
    await left.client.close();
    await expect.poll(async () => (await pool.closeIdle(performance.now()), pool.size)).toBe(0);
  });
});
