import { describe, expect, it } from 'vitest';
import { chartsFrom, MOST_CHARTS } from '../../src/charts/charts-from.ts';
import { MAX_SVG_BYTES } from '../../src/charts/svg-document.ts';
import { MOST_PERIODS } from '../../src/charts/time-chart.ts';
import { answerOf } from '../support/tool-results.ts';

const bucket = (index: number) => ({
  from: new Date(Date.UTC(2024, 0, 1) + index * 60_000).toISOString(),
  requests: 1,
  inputTokens: (index * 7919) % 1_000_003,
  outputTokens: (index * 104_729) % 10_007,
});
const trend = (buckets: number) =>
  answerOf('trend_and_peaks', {
    bucketMs: 60_000,
    buckets: Array.from({ length: buckets }, (_, index) => bucket(index)),
    peaks: [{ of: 'tokens', from: bucket(3).from, value: 10, timesMean: 2, rows: [] }],
  });
const group = (key: string, inputTokens: number) => ({
  key,
  requests: 1,
  inputTokens,
  outputTokens: 1,
  shareOfRequests: 0.5,
  shareOfTokens: 0.5,
});
const breakdown = (keys: string[]) =>
  answerOf('cost_breakdown', {
    byModel: keys.map((key, index) => group(key, 10 * (index + 1))),
    byTag: [],
    bySize: [],
  });

/** Every number that a chart draws, as it stands in it. */
const valuesIn = (svg: string): number[] =>
  [...svg.matchAll(/data-value="([^"]*)"/g)].map(([, value]) => Number(value));

/** Well-formed, by a small reader of our own: tags are balanced, and text holds no bare sign. */
function expectWellFormed(svg: string): void {
  const open: string[] = [];
  const rest = svg.replace(
    /<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
    (_tag, end: string, name: string, _attributes, empty: string) => {
      if (end !== '') expect(open.pop()).toBe(name);
      else if (empty === '') open.push(name);
      return '';
    },
  );
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;|#39;)/);
}

describe('charts', () => {
  it('draw exactly the numbers of the result, and name the call that they come from', () => {
    const { buckets } = trend(60).value;
    const [chart] = chartsFrom({ trend_and_peaks: trend(60) });
    expect(chart?.source).toEqual({ tool: 'trend_and_peaks', call: 'call-of-trend_and_peaks' });
    expect(valuesIn(chart?.svg ?? '')).toEqual([
      ...buckets.map(({ inputTokens }) => inputTokens),
      ...buckets.map(({ outputTokens }) => outputTokens),
    ]);
    expect(valuesIn(chartsFrom({ cost_breakdown: breakdown(['a', 'b']) })[0]?.svg ?? '')).toEqual([11, 21]);
  });

  it('are drawn to scale', () => {
    const { svg = '' } = chartsFrom({ cost_breakdown: breakdown(['a', 'b']) })[0] ?? {};
    const [first, second] = [...svg.matchAll(/width="([\d.]+)" height="14"/g)].map(([, width]) => Number(width));
    expect((first ?? 0) / (second ?? 1)).toBeCloseTo(11 / 21, 2);
  });

  it('say what they are to those who do not see them', () => {
    for (const { svg, title, description } of chartsFrom({
      trend_and_peaks: trend(5),
      cost_breakdown: breakdown(['a', 'b']),
    })) {
      expect(svg).toContain('role="img" aria-labelledby="title description"');
      expect(svg).toContain(`<title id="title">${title}</title><desc id="description">${description}</desc>`);
      expect(svg).toContain('prefers-color-scheme:dark');
      expectWellFormed(svg);
    }
  });

  it.each([
    ['markup', '</title><script>alert(1)</script>'],
    ['an attribute', '" onload="alert(1)'],
    ['an entity', '&lt;b&gt; &#60;'],
    ['half a character', 'a\ud800b'],
    ['control characters', 'a\u0000\u0007b\ufffe'],
    ['a style', '</style><style>*{display:none}'],
    ['thousands of marks on one letter', `e${'\u0301'.repeat(5000)}`],
    ['a mark of a stand-in', 'degraded functionality'],
  ])('take a name for text whatever is in it: %s', (_name, name) => {
    const [chart] = chartsFrom({ cost_breakdown: breakdown([name, 'b']) });
    const { svg = '' } = chart ?? {};
    expectWellFormed(svg);
    expect(svg).not.toMatch(/<script|onload="|[\u0000-\u0008\ufffe]/);
    expect(svg.match(/<style>/g)).toHaveLength(1);
    expect(svg.isWellFormed()).toBe(true);
    expect(chart?.description).not.toContain('degraded functionality');
  });

  it('refer to nothing outside of themselves', () => {
    const all = chartsFrom({ trend_and_peaks: trend(5), cost_breakdown: breakdown(['a', 'b']) });
    for (const { svg } of all)
      expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|href|url\(|@import/);
  });

  it('stay small with as many periods and names as there can be', () => {
    const keys = Array.from({ length: 21 }, (_, index) => `${index}${'&'.repeat(300)}`);
    const charts = chartsFrom({ trend_and_peaks: trend(MOST_PERIODS), cost_breakdown: breakdown(keys) });
    for (const { svg } of charts) expect(Buffer.byteLength(svg)).toBeLessThanOrEqual(MAX_SVG_BYTES);
    expect(charts.length).toBeLessThanOrEqual(MOST_CHARTS);
    expect(charts[1]?.description).toContain('and 9 more');
  });

  it('draw money only where a tool gave it, and nothing where there is nothing to compare', () => {
    const { title } = chartsFrom({ cost_breakdown: breakdown(['a', 'b']) })[0] ?? {};
    expect(title).toBe('Tokens by model');
    const priced = breakdown(['a', 'b']);
    priced.value.money = { source: 'prices given', currency: 'EUR' };
    for (const [index, one] of (priced.value.byModel ?? []).entries()) one.cost = 0.5 + index;
    const [chart] = chartsFrom({ cost_breakdown: priced });
    expect([chart?.title, valuesIn(chart?.svg ?? '')]).toEqual(['Cost by model', [0.5, 1.5]]);
    expect(chart?.description).toBe('a: 0.5 EUR; b: 1.5 EUR.');
    expect(chartsFrom({ cost_breakdown: breakdown(['a']), trend_and_peaks: trend(1) })).toEqual([]);
  });
});
