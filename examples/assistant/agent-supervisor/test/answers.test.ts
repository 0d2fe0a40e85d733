import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { givenFigures } from '../src/model/proof/given-figures.ts';
import { unprovenFigures } from '../src/model/proof/unproven-figures.ts';
import { ask, completed, failed, startAssistant, type Assistant } from './support/assistant.ts';
import { realUsage, sumsOf, usageTable } from './support/usage-table.ts';

/** Creating the embedded database takes most of it. */
const START_TIMEOUT_MS = 180_000;
const file = (content: string, name = 'usage.csv') => ({ name, type: 'text/csv', content });

let assistant: Assistant;
let url: string;
beforeAll(async () => {
  assistant = await startAssistant();
  url = assistant.supervisor.url;
}, START_TIMEOUT_MS);
afterAll(() => assistant[Symbol.asyncDispose]());

describe('the answer to a question about a table', () => {
  it('has the column sums of the file as its totals, after each kind of event in its order', async () => {
    const content = realUsage();
    const events = await ask(url, { text: 'Where do the tokens go?', files: [file(content)] });
    const { result, text } = completed(events);
    const sums = sumsOf(content);
    expect(result.analysis_results.totals).toEqual(sums);
    for (const figure of Object.values(sums)) expect(text).toContain(figure.toLocaleString('en-US'));

    const kinds = ['agent_started', 'agent_thinking', 'tool_executing', 'tool_completed', 'agent_completed'];
    expect([...new Set(events.map(({ type }) => type))]).toEqual(kinds);
    expect(events.map(({ n }) => n)).toEqual(events.map((_, index) => index + 1));
    expect(new Set(events.map(({ run }) => run)).size).toBe(1);
    const order = ['triage', 'data', 'optimization', 'report'];
    expect([...new Set(events.map(({ agent }) => agent))]).toEqual(order);
    expect(events.filter(({ type }) => type === 'agent_completed')).toHaveLength(1);
  });

  it('names for each statement its numbers and the tool call it comes from, and the engine and trace that made it', async () => {
    const { result, text } = completed(await ask(url, { text: 'Give me a summary', files: [file(realUsage())] }));
    const calls = new Map(result.analysis_results.calls.map(({ call, tool }) => [call, tool]));
    const lists = [result.insights, result.recommendations, result.action_items, result.optimization_opportunities];
    for (const list of lists) {
      expect(list.length).toBeGreaterThan(0);
      for (const { source, rows, rowsTotal } of list) {
        expect(calls.get(source.call)).toBe(source.tool);
        expect(rowsTotal).toBeGreaterThanOrEqual(rows.length);
      }
    }
    for (const { numbers } of result.optimization_opportunities) expect(Object.keys(numbers)).not.toEqual([]);
    expect(Object.keys(result.analysis_results.tools)).toHaveLength(7);
    expect(result).toMatchObject({ engine: 'analyst', language_model: null });
    expect(result.trace_id).toMatch(/^[0-9a-f]{32}$/);
    expect(text).toContain('No language model took part');
  });

  it('holds no figure that a model could not state too, and its results prove few short numbers by chance', async () => {
    for (const content of [realUsage(), usageTable({ rows: 300, seed: 7 })]) {
      const { result, text } = completed(await ask(url, { text: 'Summary', files: [file(content)] }));
      const { tools, calls } = result.analysis_results;
      const names = ['usage.csv', ...calls.flatMap(({ tool, call }) => [tool, call])];
      const given = givenFigures({ results: Object.values(tools), names, prices: undefined });
      // How many more rows there are than those named is the one thing that its words compute.
      const said = (text.split('\n---\n')[0] ?? '').replace(/ and [\d,]+ more/g, '');
      expect(unprovenFigures(said, given, 'Summary'), said).toEqual([]);
      const short = Array.from({ length: 100 }, (_, index) => `It has ${index + 1} of them.`);
      expect(short.filter((one) => unprovenFigures(one, given, 'Summary').length === 0).length).toBeLessThan(35);
    }
  });

  it('holds no currency figure without a cost column or prices, and says what would be needed', async () => {
    const events = await ask(url, { text: 'What does all this cost?', files: [file(realUsage())] });
    const { result } = completed(events);
    expect(result.analysis_results.missing.map(({ what }) => what).join()).toContain('prices');
    const everything = JSON.stringify(events);
    expect(everything).not.toMatch(/[$€£¥]|\b(USD|EUR|GBP)\b/);
    expect(everything).not.toMatch(/"(cost|shareOfCost|inputCostAtMost|inputShareOfCost|money)":/);
  });

  it('computes exact money from the prices of the message, and of those after it until others are stated', async () => {
    const content = usageTable({ rows: 300, seed: 7 });
    const sums = sumsOf(content);
    const prices = { inputPerMillion: 3, outputPerMillion: 15, currency: 'USD' };
    const session = 'with-prices';
    const { result, text } = completed(await ask(url, { session, text: 'Costs?', files: [file(content)], prices }));
    const cost = (sums.inputTokens * 3 + sums.outputTokens * 15) / 1e6;
    expect(result.analysis_results.totals?.cost).toBeCloseTo(cost, 9);
    expect(text).toContain(`${cost.toLocaleString('en-US', { maximumFractionDigits: 6 })} USD`);
    expect(text).toContain(
      'Prices used: 3 USD per million input tokens and 15 USD per million output tokens, from your message.',
    );
    const later = completed(await ask(url, { session, text: 'And now?' }));
    expect(later.result.analysis_results.totals?.cost).toBeCloseTo(cost, 9);
    expect(later.text).toContain('from your message `Costs?`');
    const said = 'And at €1 per million input tokens and €2 per million output?';
    const changed = completed(await ask(url, { session, text: said }));
    const other = (sums.inputTokens + sums.outputTokens * 2) / 1e6;
    expect(changed.result.analysis_results.totals?.cost).toBeCloseTo(other, 9);
    expect(changed.text).toContain('as read in the text of your message.');
    const files2 = [file(usageTable({ rows: 30, seed: 8 }), 'second.csv')];
    const compared = completed(await ask(url, { session, text: 'Compare with usage.csv', files: files2 }));
    const { changes } = compared.result.analysis_results.tools.compare_tables as {
      changes: { what: string; before: number }[];
    };
    expect(changes.find(({ what }) => what === 'cost')?.before).toBeCloseTo(other, 9);
    const unclear = completed(await ask(url, { session, text: 'And at $7 per million tokens?' }));
    expect(unclear.text).toContain('seems to state some, which were not used');
  });

  it('takes a cost column before the prices of the message, and says so', async () => {
    const content =
      'time,model,input_tokens,output_tokens,cost_usd\n2024-01-01T00:00:00Z,a,10,5,0.25\n2024-01-01T00:01:00Z,b,30,5,0.5\n';
    const prices = { inputPerMillion: 1000, outputPerMillion: 1000 };
    const { result, text } = completed(await ask(url, { text: 'Costs by model?', files: [file(content)], prices }));
    expect(result.analysis_results.totals).toEqual({ requests: 2, inputTokens: 40, outputTokens: 10, cost: 0.75 });
    expect(text).toContain('prices in your message were not used');
    expect(text).toContain('Requests with the model `b`');
  });

  it('takes a price table by model, and finds what its cheapest model could save', async () => {
    const content = 'model,input_tokens,output_tokens\nbig,500,100\nsmall,500,100\n';
    const models = [{ model: 'small', inputPerMillion: 1, outputPerMillion: 2 }];
    const prices = { inputPerMillion: 10, outputPerMillion: 20, currency: 'EUR', models };
    const { result, text } = completed(
      await ask(url, { text: 'What could be saved?', files: [file(content)], prices }),
    );
    expect(result.analysis_results.totals?.cost).toBeCloseTo(0.007 + 0.0007, 9);
    const found = result.optimization_opportunities.find(({ id }) => id === 'cheapest-model');
    expect(found?.numbers['savedAtMost']).toBeCloseTo(0.0063, 9);
    expect(text).toContain('0.0063 EUR');
  });

  it('draws what the tools computed, and names the call of each chart', async () => {
    const { result } = completed(await ask(url, { text: 'Summary', files: [file(realUsage())] }));
    const charts = result.charts ?? [];
    expect(charts.map(({ id }) => id)).toEqual(['tokens-over-time', 'by-size', 'context-sizes']);
    const calls = new Map(result.analysis_results.calls.map(({ call, tool }) => [call, tool]));
    for (const { source } of charts) expect(calls.get(source.call)).toBe(source.tool);
    const drawn = [...(charts[0]?.svg ?? '').matchAll(/data-value="([^"]*)"/g)].map(([, value]) => Number(value));
    const { buckets } = result.analysis_results.tools.trend_and_peaks as {
      buckets: { inputTokens: number; outputTokens: number }[];
    };
    expect(drawn).toEqual([
      ...buckets.map(({ inputTokens }) => inputTokens),
      ...buckets.map(({ outputTokens }) => outputTokens),
    ]);
  });

  it('lists the largest rows when it is asked for them', async () => {
    const content = ['model,input_tokens,output_tokens', ...[5, 90, 20, 70, 1].map((input) => `m,${input},1`)].join(
      '\n',
    );
    const text = 'Show me the most expensive 2 rows';
    const answer = completed(await ask(url, { text, files: [file(content)] }));
    const { largestRows } = answer.result.analysis_results.tools.cost_breakdown as { largestRows: { rows: object[] } };
    expect(largestRows.rows).toMatchObject([
      { row: 3, inputTokens: 90 },
      { row: 5, inputTokens: 70 },
    ]);
    expect(answer.text).toContain('## The rows with the most tokens');
    expect(answer.text).not.toContain('did not understand');
  });

  it('says first what it did not understand, and what it can answer', async () => {
    const { text } = completed(
      await ask(url, { text: 'What is my name?', files: [file(usageTable({ rows: 9, seed: 1 }))] }),
    );
    expect(text.split('\n')[0]).toMatch(/did not understand.*`What is my name\?`.*caching/);
  });

  it('speaks of one thing in the singular', async () => {
    for (const rows of ['1,1\n', '1,1\n1,1\n']) {
      const content = `input_tokens,output_tokens\n${rows}`;
      const events = await ask(url, { text: 'Summary', files: [file(content)] });
      const timed = `time,input_tokens,output_tokens\n${rows.replaceAll(/^(?=1)/gm, '2024-01-01,')}`;
      const more = await ask(url, { text: 'Compare', files: [file(timed, 'b.csv'), file(content, 'a.csv')] });
      for (const { text } of [...events, ...more]) {
        expect(text).not.toMatch(
          /(?<![\d.,])1\*{0,2} (?:\w+ )?(?:requests|tokens|rows|times|periods|calls|beginnings|hours|bytes)\b/,
        );
      }
    }
  });

  it('leaves out what needs a time when the table has none, and says so', async () => {
    const content = 'input_tokens,output_tokens\n100,10\n200,20\n';
    const { result } = completed(await ask(url, { text: 'When are the peaks?', files: [file(content)] }));
    expect(result.analysis_results.totals).toEqual({ requests: 2, inputTokens: 300, outputTokens: 30 });
    expect(Object.keys(result.analysis_results.tools)).not.toContain('trend_and_peaks');
    expect(result.analysis_results.missing.map(({ what }) => what)).toContain('a time column');
  });
});

describe('a conversation', () => {
  it('answers a follow-up question from the table sent before', async () => {
    const session = 'follow-up';
    const content = usageTable({ rows: 50, seed: 1 });
    await ask(url, { session, text: 'Summary', files: [file(content)] });
    const { result } = completed(await ask(url, { session, text: 'And the peaks?' }));
    expect(result.analysis_results.totals).toEqual(sumsOf(content));
  });

  it('works on the latest table, or on the one whose name the question mentions', async () => {
    const session = 'two-tables';
    const [may, june] = [usageTable({ rows: 20, seed: 5 }), usageTable({ rows: 30, seed: 6 })];
    await ask(url, { session, text: 'Summary', files: [file(may, 'may.csv')] });
    await ask(url, { session, text: 'Summary', files: [file(june, 'june.csv')] });
    const totalsFor = async (text: string) =>
      completed(await ask(url, { session, text })).result.analysis_results.totals;
    expect(await totalsFor('Where do the tokens go?')).toEqual(sumsOf(june));
    expect(await totalsFor('And in may.csv?')).toEqual(sumsOf(may));
  });

  it('keeps several tables of one message and works on the one that the question names', async () => {
    const session = 'several';
    const [a, b] = [usageTable({ rows: 11, seed: 11 }), usageTable({ rows: 12, seed: 12 })];
    const files = [file(a, 'a.csv'), file(b, 'b.csv')];
    const first = completed(await ask(url, { session, text: 'Where do the tokens go in b.csv?', files }));
    expect(first.result.analysis_results.totals).toEqual(sumsOf(b));
    const second = completed(await ask(url, { session, text: 'And in a.csv?' }));
    expect(second.result.analysis_results.totals).toEqual(sumsOf(a));
  });

  it('compares with the table before, or with the one that the question names', async () => {
    const session = 'comparing';
    const [may, june, july] = [5, 6, 7].map((seed) => usageTable({ rows: 20 * seed, seed }));
    await ask(url, { session, text: 'Summary', files: [file(may ?? '', 'may.csv')] });
    await ask(url, { session, text: 'Summary', files: [file(june ?? '', 'june.csv')] });
    const changes = async (text: string, files?: ReturnType<typeof file>[]) => {
      const answer = completed(await ask(url, { session, text, ...(files && { files }) }));
      const { tools, totals } = answer.result.analysis_results;
      return { ...(tools.compare_tables as { before: object; now: object }), totals, text: answer.text };
    };
    const before = await changes('Compare with the table before');
    expect(before).toMatchObject({
      before: { name: 'may.csv', totals: sumsOf(may ?? '') },
      now: { name: 'june.csv', totals: sumsOf(june ?? '') },
      totals: sumsOf(june ?? ''),
    });
    expect(before.text).toContain('## Compared with `may.csv`');
    expect(before.text).toContain(sumsOf(may ?? '').inputTokens.toLocaleString('en-US'));
    const sent = await changes('How does this differ from may.csv?', [file(july ?? '', 'july.csv')]);
    expect(sent).toMatchObject({ before: { name: 'may.csv' }, now: { name: 'july.csv' } });
    const named = await changes('Compare may.csv with july.csv');
    expect(named).toMatchObject({ before: { name: 'july.csv' }, now: { name: 'may.csv' } });
  });

  it('says that there is nothing to compare with, and compares nothing', async () => {
    const files = [file(usageTable({ rows: 5, seed: 2 }))];
    const { result, text } = completed(await ask(url, { text: 'Compare with the table before', files }));
    expect(result.analysis_results.tools).not.toHaveProperty('compare_tables');
    expect(result.analysis_results.missing.map(({ what }) => what)).toContain('another table in this conversation');
    expect(text).toContain('Another table in this conversation');
  });

  it('asks for a table when there is none, and computes nothing', async () => {
    const events = await ask(url, { text: 'Where do the tokens go?' });
    const { result, text } = completed(events);
    expect(text).toContain('I need a table');
    expect(result.analysis_results).not.toHaveProperty('totals');
    expect(result.analysis_results.missing).toHaveLength(1);
    expect(events.map(({ type }) => type)).toContain('tool_completed');
  });

  it('never shows a conversation to another user, tenant or session', async () => {
    const content = usageTable({ rows: 9, seed: 9 });
    const [tenant, user, session] = ['t', 'u', 'private'];
    await ask(url, { tenant, user, session, text: 'Summary', files: [file(content)] });
    for (const other of [{ tenant: 'x' }, { user: 'x' }, { session: 'x' }]) {
      const { result } = completed(await ask(url, { tenant, user, session, ...other, text: 'And now?' }));
      expect(result.analysis_results).not.toHaveProperty('totals');
    }
  });
});

describe('many users at once', () => {
  it('are each answered from their own table, by runs of their own', async () => {
    const users = Array.from({ length: 20 }, (_, index) => {
      const content = usageTable({ rows: 40 + index, seed: 1000 + index });
      return { user: `user-${index}`, tenant: `tenant-${index % 3}`, content };
    });
    const session = 'same-name';
    const first = await Promise.all(
      users.map(({ user, tenant, content }) =>
        ask(url, { user, tenant, session, id: 'm', text: 'Summary', files: [file(content, `${user}.csv`)] }),
      ),
    );
    const second = await Promise.all(
      users.map(({ user, tenant }) => ask(url, { user, tenant, session, id: 'n', text: 'Where do they go?' })),
    );
    for (const [index, { user, content }] of users.entries()) {
      for (const events of [first[index] ?? [], second[index] ?? []]) {
        const { result } = completed(events);
        expect(result.analysis_results.totals).toEqual(sumsOf(content));
        expect(result.analysis_results.table?.name).toBe(`${user}.csv`);
        const named = new Set(JSON.stringify(events).match(/user-\d+\.csv/g));
        expect([...named]).toEqual([`${user}.csv`]);
      }
    }
    const runs = [...first, ...second].map((events) => events[0]?.run);
    expect(new Set(runs).size).toBe(40);
  });
});

describe('a table that cannot be used', () => {
  it.each([
    ['an empty file', '', 'empty_table'],
    ['white space', ' \r\n\t', 'empty_table'],
    ['only a header', 'time,input_tokens,output_tokens\n', 'empty_table'],
    ['prose', 'Where do the tokens go?', 'not_a_table'],
    ['other columns', 'a,b\n1,2\n', 'missing_columns'],
    ['no usable rows', 'input_tokens,output_tokens\n1,\n,2\n', 'no_usable_rows'],
    ['more than 10 MiB', `input_tokens,output_tokens\n${'1,2\n'.repeat(2_700_000)}`, 'too_large'],
  ])('is refused with what was expected and what to do: %s', async (_name, content, code) => {
    const last = failed(await ask(url, { text: 'Summary', files: [file(content, 'bad.csv')] }));
    expect(last).toMatchObject({ code, expected: expect.any(String), found: expect.any(String) });
    expect(last.message).toContain('bad.csv');
    expect(last.advice.length).toBeGreaterThan(0);
    expect(last.text).toContain(last.advice);
  });

  it('does not become the table of the conversation', async () => {
    const session = 'after-a-bad-table';
    const content = usageTable({ rows: 8, seed: 8 });
    await ask(url, { session, text: 'Summary', files: [file(content)] });
    failed(await ask(url, { session, text: 'Summary', files: [file('not a table', 'bad.csv')] }));
    const { result } = completed(await ask(url, { session, text: 'Summary' }));
    expect(result.analysis_results.totals).toEqual(sumsOf(content));
  });
});
