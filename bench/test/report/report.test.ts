import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Row, Target } from '../../src/measure/figure.ts';
import { readOptions } from '../../src/options.ts';
import { resultText, summaryText, withResults } from '../../src/report/document.ts';
import { drawing } from '../../src/report/drawing.ts';
import type { Result } from '../../src/report/result.ts';
import { cellsOf } from '../../src/report/table.ts';
import { insaneRows } from '../../src/run.ts';

const spread = (median: number) => ({ median, low: median * 0.9, high: median * 1.1, count: 5 });

function row(ratio: number, target?: Target): Row {
  return {
    figure: 'levels',
    what: 'added per level <of a plan>',
    ours: spread(ratio * 2),
    unit: 'ms',
    reference: { what: 'BullMQ', value: spread(2), unit: 'ms' },
    ratio,
    ...(target ? { target } : {}),
  };
}

const atMost = { is: 'at_most', ratio: 6 } as const;
const result = (rows: readonly Row[]): Result => ({
  at: '2026-01-05',
  tookMs: 1,
  machine: {
    processor: 'a processor',
    cores: 2,
    memoryGb: 8,
    system: 'Linux',
    node: 'v24',
    redis: '7',
    load: { before: 0, after: 1 },
  },
  rows,
  breakdowns: [],
  notes: [],
});

test('a row never shows a bare time: the reference, the ratio and the target stand beside it', () => {
  expect(cellsOf(row(4, atMost))).toEqual([
    'added per level <of a plan>',
    '8.00 ms (7.20–8.80)',
    'BullMQ: 2.00 ms',
    '4.00 ×',
    '≤ 6 ×',
    'met',
  ]);
});

test('a target is missed on its own side', () => {
  expect(cellsOf(row(6.1, atMost)).at(-1)).toBe('missed');
  expect(cellsOf(row(0.3, { is: 'at_least', ratio: 0.35 })).at(-1)).toBe('missed');
  expect(cellsOf(row(0.4, { is: 'at_least', ratio: 0.35 })).at(-1)).toBe('met');
});

test('the drawing shows each row that has a target once, and is well-formed where names hold signs', () => {
  const svg = drawing([row(4, atMost), row(9, atMost), row(1)], 'where & when');
  expect(svg.match(/class="what"/g)).toHaveLength(2);
  expect(svg.match(/<rect class="met"/g)).toHaveLength(1);
  expect(svg.match(/<rect class="missed"/g)).toHaveLength(1);
  expect(svg).toContain('&lt;of a plan&gt;');
  expect(svg).not.toMatch(/&(?!amp;|lt;|gt;|quot;)/);
});

test('results replace the ones before and leave the rest of the page alone', () => {
  const page = 'above\n<!-- results: written by `npm run bench` -->\nold\n<!-- end of results -->\nbelow\n';
  const once = withResults(page, resultText(result([row(4, atMost)])));
  expect(once).toMatch(/^above\n/);
  expect(once).toMatch(/<!-- end of results -->\nbelow\n$/);
  expect(once).not.toContain('old');
  expect(withResults(once, resultText(result([row(4, atMost)])))).toBe(once);
});

test('a page without a place for results is not written to', () => {
  expect(() => withResults('nothing here', '')).toThrow('the page has no');
});

test('the summary has the medians of what has a target, and how many are met', () => {
  const text = summaryText(result([row(4, atMost), row(9, atMost), row(1)]));
  expect(text).toContain('| target | 1 of 2 met |');
  expect(text).toContain('| added per level <of a plan> | 8.00 ms | BullMQ: 2.00 ms | 4.00 × | ≤ 6 × | met |');
  expect(text.match(/^\| added/gm)).toHaveLength(2);
});

test('README and docs/bench.md show the run that is kept', async () => {
  const root = new URL('../../../', import.meta.url);
  const kept = JSON.parse(await readFile(new URL('bench/results/latest.json', root), 'utf8')) as Result;
  const pages = { 'README.md': summaryText(kept), 'docs/bench.md': resultText(kept) };
  for (const [name, text] of Object.entries(pages)) {
    const page = await readFile(new URL(name, root), 'utf8');
    expect(withResults(page, text), name).toBe(page);
  }
});

test('only what no noise explains counts as insane', () => {
  expect(insaneRows(result([row(7, atMost), row(1)]))).toEqual([]);
  expect(insaneRows(result([row(400, atMost)]))).toHaveLength(1);
  expect(insaneRows(result([row(Number.NaN)]))).toHaveLength(1);
  expect(insaneRows(result([row(-1)]))).toHaveLength(1);
});

test('a figure that is not there is refused with the names of those that are', () => {
  expect(readOptions(['--only', 'warm,levels', '--quick'], ['warm', 'levels'])).toEqual({
    only: ['warm', 'levels'],
    quick: true,
    json: false,
  });
  expect(() => readOptions(['--only', 'warmth'], ['warm'])).toThrow('There is no figure warmth. There are: warm.');
});
