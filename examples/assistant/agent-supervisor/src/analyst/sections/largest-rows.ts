import type { ToolResult } from '../../tools/tool-results.ts';
import { amount, count, moment } from '../../wording/figures.ts';
import { table } from '../../wording/markdown.ts';
import { quote } from '../../wording/quote.ts';

type Breakdown = ToolResult<'cost_breakdown'>;

/** The largest rows as a Markdown table, where the question asked for them. */
export function largestRowsTable(breakdown: Breakdown | undefined): string[] {
  const { largestRows, money } = breakdown ?? {};
  if (largestRows === undefined) return [];
  const { rows } = largestRows;
  const has = (member: 'at' | 'model'): boolean => rows.some((row) => row[member] !== undefined);
  const heads = [
    'Row',
    ...(has('at') ? ['Time'] : []),
    ...(has('model') ? ['Model'] : []),
    ...['Input tokens', 'Output tokens', ...(money === undefined ? [] : ['Cost'])],
  ];
  const lines = rows.map(({ row, at, model, inputTokens, outputTokens, cost }) => [
    String(row),
    ...(has('at') ? [at === undefined ? '' : moment(at)] : []),
    ...(has('model') ? [model === undefined ? '' : quote(model)] : []),
    count(inputTokens),
    count(outputTokens),
    ...(money === undefined ? [] : [cost === undefined ? '' : amount(cost, money)]),
  ]);
  return [table(heads, lines)];
}

export function largestRowsTitle(breakdown: Breakdown | undefined): string {
  return breakdown?.largestRows?.by === 'cost' ? 'The rows that cost most' : 'The rows with the most tokens';
}
