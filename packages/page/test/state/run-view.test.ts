import { expect, test } from 'vitest';
import { keyWords } from '../../src/state/amounts.ts';
import { runViewOf } from '../../src/state/run-view.ts';
import { chartsOf, findingsOf } from '../../src/state/result-view.ts';

const begun = [
  { type: 'agent_started', agent: 'triage', text: 'Reading' },
  { type: 'tool_executing', agent: 'data', tool: 'count', call: 'c1', text: 'Counting' },
];

test('a run under way shows what is being done, with the tool at work', () => {
  expect(runViewOf({ data: begun })?.steps).toMatchObject([
    { who: 'triage', text: 'Reading', state: 'done' },
    { who: 'data', text: 'Counting', state: 'active', tool: 'count' },
  ]);
});

test('a tool that is done keeps its line and gets its time', () => {
  const done = { type: 'tool_completed', agent: 'data', tool: 'count', call: 'c1', durationMs: 7, text: 'Counted' };
  const thinking = { type: 'agent_thinking', agent: 'report', text: 'Writing' };
  expect(runViewOf({ data: [...begun, done, thinking] })?.steps).toMatchObject([
    { state: 'done' },
    { text: 'Counting', state: 'done', durationMs: 7 },
    { text: 'Writing', state: 'active' },
  ]);
});

test('a tool that tells how far it is keeps its line, and the words it began with when it is done', () => {
  const [, executing] = begun;
  const told = (percent: number) => ({ ...executing, text: `Counting (${percent} %)`, percent });
  const steps = (...more: Record<string, string | number>[]) => runViewOf({ data: [...begun, ...more] })?.steps;
  expect(steps(told(10), told(40))).toMatchObject([{}, { text: 'Counting (40 %)', percent: 40, state: 'active' }]);
  expect(steps(told(40), told(1e9))?.[1]?.percent).toBe(100);
  const done = steps(told(40), { type: 'tool_completed', agent: 'data', tool: 'count', call: 'c1', durationMs: 7 });
  expect(done).toHaveLength(2);
  expect(done?.[1]).toMatchObject({ text: 'Counting', durationMs: 7 });
  expect(done?.[1]).not.toHaveProperty('percent');
});

test('an interrupted run is at work on nothing', () => {
  expect(runViewOf({ data: begun, interrupted: true })?.steps.every(({ state }) => state === 'done')).toBe(true);
});

test('it ends with a report and its result, or with a failure', () => {
  const report = { type: 'agent_completed', agent: 'report', text: '# Done', result: { insights: [] } };
  expect(runViewOf({ data: [...begun, report] })).toMatchObject({ text: '# Done', result: { insights: [] } });
  const failure = { type: 'agent_failed', code: 'no_table', message: 'There is no table.' };
  expect(runViewOf({ data: [...begun, failure] })?.failure).toEqual(failure);
});

test('anything else is no run', () => {
  expect(runViewOf({ data: ['text', { type: 'echo' }, [1], null] })).toBeUndefined();
});

test('findings are read as far as they go, whatever a service sends', () => {
  const full = {
    title: 'T',
    text: 'x',
    numbers: { a: 1, b: 'no' },
    rows: [3, 'x'],
    rowsTotal: 9,
    certainty: 'estimate',
    method: 'm',
    source: { tool: 't', call: 'c' },
  };
  expect(findingsOf([full, 'plain', 7, null, { other: 1 }])).toEqual([
    {
      title: 'T',
      text: 'x',
      numbers: [['a', 1]],
      rows: [3],
      rowsTotal: 9,
      certainty: 'estimate',
      method: 'm',
      source: 't (c)',
    },
    { title: 'plain', numbers: [], rows: [], rowsTotal: 0 },
    { title: '{"other":1}', numbers: [], rows: [], rowsTotal: 0 },
  ]);
  expect(findingsOf({ not: 'a list' })).toEqual([]);
});

test('charts are found wherever they lie, and nothing else is taken for one', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>';
  expect(chartsOf({ deep: [{ title: 'Trend', svg }], text: 'about <svg> files', html: '<b>no</b>' })).toEqual([
    { title: 'Trend', svg, adaptive: false },
  ]);
  expect(chartsOf({ svg: '<svg>\ud800</svg>' })[0]?.svg).toBe('<svg>\ufffd</svg>');
  expect(chartsOf({ svg: `<svg>${' '.repeat(500_000)}</svg>` })).toEqual([]);
  const dark = '<svg><style>@media(prefers-color-scheme:dark){}</style></svg>';
  const chart = { title: 'T', description: 'D', svg: dark, source: { tool: 't', call: 'c' } };
  expect(chartsOf([chart])).toEqual([{ ...chart, source: 't (c)', adaptive: true }]);
});

test('keys become words', () => {
  expect(['inputTokens', 'output_tokens', 'cost', 'p95Ms'].map(keyWords)).toEqual([
    'Input tokens',
    'Output tokens',
    'Cost',
    'P95 ms',
  ]);
});
