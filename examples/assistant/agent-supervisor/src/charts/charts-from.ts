import type { Chart } from '../runs/run-result.ts';
import type { ToolAnswer, ToolAnswers } from '../tools/tool-results.ts';
import { amount, count, duration, figure, moment, percent } from '../wording/figures.ts';
import { cutMark } from '../wording/quote.ts';
import { MOST_ROWS, rowChart, type Row } from './row-chart.ts';
import { timeChart } from './time-chart.ts';

/** Characters of a name in a description. */
const MOST_NAMED = 60;

/** Charts of one answer. */
export const MOST_CHARTS = 6;

/** Pictures of what the tools computed, and of nothing else: the same results give the same pictures. */
export function chartsFrom(answers: ToolAnswers): Chart[] {
  return [
    ...(answers.compare_tables === undefined ? [] : fromComparison(answers.compare_tables)),
    ...(answers.trend_and_peaks === undefined ? [] : fromTrend(answers.trend_and_peaks)),
    ...(answers.cost_breakdown === undefined ? [] : fromBreakdown(answers.cost_breakdown)),
    ...(answers.right_sizing_opportunities === undefined ? [] : fromSizes(answers.right_sizing_opportunities)),
  ].slice(0, MOST_CHARTS);
}

function fromTrend({ tool, call, value }: ToolAnswer<'trend_and_peaks'>): Chart[] {
  const { buckets, bucketMs, peaks } = value;
  const [first, last] = [buckets[0], buckets.at(-1)];
  if (first === undefined || last === undefined || buckets.length < 2) return [];
  const peakTimes = new Set(peaks.filter(({ of }) => of === 'tokens').map(({ from }) => from));
  const highest = peaks.find(({ of }) => of === 'tokens');
  const title = `Tokens per ${duration(bucketMs)}`;
  const description =
    `${count(buckets.length)} periods from ${moment(first.from)} to ${moment(last.from)}` +
    (highest === undefined
      ? '.'
      : `; the highest begins at ${moment(highest.from)} with ${count(highest.value)} tokens.`);
  const svg = timeChart({
    title,
    description,
    parts: ['input tokens', 'output tokens'],
    first: moment(first.from),
    last: moment(last.from),
    periods: buckets.map(({ from, inputTokens, outputTokens }) => ({
      from,
      values: [inputTokens, outputTokens] as const,
      marked: peakTimes.has(from),
    })),
  });
  return [{ id: 'tokens-over-time', title, description, svg, source: { tool, call } }];
}

function fromBreakdown({ tool, call, value }: ToolAnswer<'cost_breakdown'>): Chart[] {
  const { byModel, byTag, bySize, money } = value;
  const groupings = [
    ...(byModel === undefined ? [] : [{ id: 'model', by: 'model', groups: byModel }]),
    ...byTag.slice(0, 1).map(({ column, groups }) => ({ id: 'tag', by: column, groups })),
    { id: 'size', by: 'size of the request, in input tokens', groups: bySize },
  ];
  return groupings.flatMap(({ id, by, groups }): Chart[] => {
    if (groups.length < 2) return [];
    const rows = groups.map(({ key, inputTokens, outputTokens, shareOfTokens, cost }): Row =>
      money === undefined || cost === undefined
        ? {
            label: key,
            value: inputTokens + outputTokens,
            figure: `${count(inputTokens + outputTokens)} (${percent(shareOfTokens)})`,
          }
        : { label: key, value: Math.max(0, cost), figure: amount(cost, money) },
    );
    const title = cutMark(`${money === undefined ? 'Tokens' : 'Cost'} by ${by}`);
    return [rowsOf({ id: `by-${id}`, title, rows, source: { tool, call } })];
  });
}

function fromSizes({ tool, call, value }: ToolAnswer<'right_sizing_opportunities'>): Chart[] {
  // Beyond the first that fits all of them there is nothing more to see.
  const fitsAll = value.contextSizes.findIndex(({ shareOfRequests }) => shareOfRequests === 1);
  const sizes = fitsAll === -1 ? value.contextSizes : value.contextSizes.slice(0, fitsAll + 1);
  if (sizes.length < 2) return [];
  const rows = sizes.map(({ contextTokens, requestsThatFit, shareOfRequests }) => ({
    label: `${count(contextTokens)} tokens`,
    value: requestsThatFit,
    figure: `${count(requestsThatFit)} (${percent(shareOfRequests)})`,
  }));
  return [rowsOf({ id: 'context-sizes', title: 'Requests that fit into a context', rows, source: { tool, call } })];
}

function fromComparison({ tool, call, value }: ToolAnswer<'compare_tables'>): Chart[] {
  const rows = value.changes.flatMap(({ what, before, now, ratio }): Row[] =>
    ratio === undefined || ratio < 0
      ? []
      : [{ label: what, value: ratio, figure: `${figure(ratio)} (${figure(before)} → ${figure(now)})` }],
  );
  if (rows.length === 0) return [];
  const title = 'Now divided by before; 1 is no change';
  return [rowsOf({ id: 'changes', title, rows, mark: 1, source: { tool, call } })];
}

function rowsOf(of: {
  id: string;
  title: string;
  rows: readonly Row[];
  mark?: number;
  source: Chart['source'];
}): Chart {
  const { mark } = of;
  const rows = of.rows.slice(0, MOST_ROWS);
  const left = of.rows.length - rows.length;
  const named = rows.map(({ label, figure: words }) => `${label.slice(0, MOST_NAMED)}: ${words}`);
  const description = cutMark(`${named.join('; ')}${left === 0 ? '' : `; and ${count(left)} more`}.`);
  const drawn = { title: of.title, description, rows, ...(mark === undefined ? {} : { mark }) };
  return { id: of.id, title: of.title, source: of.source, description, svg: rowChart(drawn) };
}
