import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAssistant } from '../../src/assistant/assistant.ts';
import { assistantServices } from '../../src/assistant/catalog.ts';
import { startsOf, unsaid } from '../../src/assistant/history.ts';
import { moneyIn } from '../../src/assistant/money.ts';
import { resultOf, type RunEvent, User } from '../../src/assistant/user.ts';
import type { Cluster } from '../../src/cluster.ts';
import { seeded } from '../../src/seed.ts';
import { generatedTable, realTable } from '../../src/usage-table.ts';

const real = realTable();
const table = real ?? generatedTable(seeded(), { rows: 8_819, name: 'generated-usage.csv' });
const which = real ? 'the real trace of 8,819 requests' : 'a generated table of the shape of the real trace';

describe(`from nothing running to an answer about ${which}`, () => {
  let cluster: Cluster;
  let ann: User;
  let asked: RunEvent[];

  beforeAll(async () => {
    cluster = await startAssistant();
    ann = await User.at(cluster, 'ann');
    asked = await ann.ask({ text: 'Where do the tokens go?', files: [table.file] });
  }, 180_000);
  afterAll(async () => cluster?.[Symbol.asyncDispose]());

  test('the user sees four services become ready in the order of their needs, then the answer, and nothing else', () => {
    const types = ann.types();
    expect(types.slice(0, 2)).toEqual(['welcome', 'initialization_started']);
    expect(ann.of('initialization_started')[0]).toMatchObject({ reason: 'cold', totalServices: 4 });
    expect(ann.terminal().map((frame) => frame.type)).toEqual(['initialization_completed']);
    expect(types.indexOf('message')).toBeGreaterThan(types.indexOf('initialization_completed'));
    // Held while the services started.
    expect(types.indexOf('accepted')).toBeGreaterThan(types.indexOf('initialization_completed'));

    const done = ann.of('service_completed').map((frame) => frame.service);
    expect(done.toSorted()).toEqual(assistantServices.toSorted());
    expect(done.slice(2)).toEqual(['agent_supervisor', 'agent_websocket_bridge']);
    expect(ann.of('service_completed').map((frame) => frame.progressPercentage)).toEqual([25, 50, 75, 100]);
    const phases = ann.of('service_initializing').map((frame) => `${frame.service}: ${frame.phase}`);
    expect(phases).toContain('thread_service: opening database');
    for (const service of assistantServices) expect(startsOf(service, cluster.dir)).toHaveLength(1);
  });

  test('a run says each of its events, in their order, and its last one is final', () => {
    const types = asked.map((event) => event.type);
    expect(types[0]).toBe('agent_started');
    expect(types.at(-1)).toBe('agent_completed');
    const firsts = ['agent_started', 'agent_thinking', 'tool_executing', 'tool_completed', 'agent_completed'];
    expect([...new Set(types)]).toEqual(firsts);
    expect(types.filter((type) => type === 'agent_completed')).toHaveLength(1);
    expect(ann.of('message').map((frame) => frame.final === true)).toEqual(
      types.map((_, at) => at === types.length - 1),
    );
    expect(ann.of('message').map((frame) => frame.seq)).toEqual(types.map((_, at) => at + 1));
    expect(new Set(asked.map((event) => event.run)).size).toBe(1);
    const moments = asked.map((event) => event.at);
    expect(moments).toEqual(moments.toSorted((a, b) => a - b));
    const open: string[] = [];
    for (const event of asked) {
      const { type, call, percent } = event as RunEvent & { call: string; percent?: number };
      // Said again of a call, it tells how far that is.
      if (type === 'tool_executing' && percent !== undefined) expect(open.at(-1)).toBe(call);
      else if (type === 'tool_executing') open.push(call);
      if (type === 'tool_completed') expect(open.pop()).toBe(call);
    }
    expect(open).toEqual([]);
  });

  test('the totals equal the sums of the columns, also in words', () => {
    expect(resultOf(asked).analysis_results.totals).toEqual(table.totals);
    const { text } = asked.at(-1) as RunEvent;
    for (const figure of Object.values(table.totals)) expect(text).toContain(figure.toLocaleString('en'));
    expect(resultOf(asked)).toMatchObject({ engine: 'analyst', language_model: null });
  });

  test('everything that the user got is something that a service said', () => {
    expect(ann.said().length).toBeGreaterThan(5);
    expect(unsaid(ann.said(), cluster.dir)).toEqual([]);
    expect(unsaid([{ ...Object(ann.said()[0]), text: 'Something else.' }], cluster.dir)).toHaveLength(1);
  });

  test('without prices there is no amount of money anywhere, and the answer says what would be needed', () => {
    expect(moneyIn(ann.frames)).toEqual([]);
    const needed = resultOf(asked).analysis_results.missing.map(({ what }) => what);
    expect(needed.some((what) => what.includes('prices') && what.includes('cost column'))).toBe(true);
  });

  test('with prices the figures are exact, in the currency of the user and in no other', async () => {
    const bob = await User.at(cluster, 'bob');
    const prices = { inputPerMillion: 2.5, outputPerMillion: 10, currency: 'EUR' };
    const events = await bob.ask({ text: 'What does this cost?', files: [table.file], prices });
    const { requests, inputTokens, outputTokens } = table.totals;
    const { totals } = resultOf(events).analysis_results;
    expect(totals).toMatchObject({ requests, inputTokens, outputTokens });
    const cost = (inputTokens * 2.5 + outputTokens * 10) / 1_000_000;
    expect(totals?.cost).toBeCloseTo(cost, 6);
    expect(events.at(-1)?.text).toContain(`${cost.toLocaleString('en', { maximumFractionDigits: 6 })} EUR`);
    expect(JSON.stringify(events.map((event) => event.text))).not.toMatch(/[$£¥]|USD/);
    // What looks for money finds it where there is some.
    expect(moneyIn(resultOf(events)).length).toBeGreaterThan(0);
  });

  test('a question that follows is about the table that was sent before', async () => {
    const events = await ann.ask({ text: 'And when are the peaks?' });
    const { totals, table: used } = resultOf(events).analysis_results;
    expect(totals).toEqual(table.totals);
    expect(used).toMatchObject({ name: table.file.name });
    expect(moneyIn(events)).toEqual([]);
  });

  test('a second user finds everything ready: no initialization, no second start', async () => {
    const cem = await User.at(cluster, 'cem');
    await cem.client.ready();
    expect(cem.types()).toEqual(['welcome', 'initialization_completed']);
    for (const service of assistantServices) expect(startsOf(service, cluster.dir)).toHaveLength(1);
  });

  test('a user who never sent a table is asked for one, and no figure is made up', async () => {
    const dua = await User.at(cluster, 'dua');
    const result = resultOf(await dua.ask({ text: 'Where do the tokens go?' }));
    expect(result.analysis_results).not.toHaveProperty('totals');
    expect(result.analysis_results.missing[0]).toMatchObject({ what: 'a table of AI usage' });
  });
});
