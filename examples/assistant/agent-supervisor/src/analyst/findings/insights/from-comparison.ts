import type { Finding, Source } from '../../../runs/run-result.ts';
import type { ToolAnswer } from '../../../tools/tool-results.ts';
import { count, decimal, percent } from '../../../wording/figures.ts';

/** What changed from the other table to this one. */
export function fromComparison({ tool, call, value }: ToolAnswer<'compare_tables'>): Finding[] {
  const source = { tool, call };
  const { changes, largerNow, now } = value;
  const told = changes
    .filter(({ what, ratio }) => TOLD.has(what) && ratio !== undefined)
    .map(({ what, before, now: is, ratio }) => ({
      what,
      ratio: ratio ?? 0,
      text: `${what} ${count(before)} → ${count(is)} (${decimal(ratio ?? 0) === '1' ? 'about the same' : `${decimal(ratio ?? 0)} times`})`,
    }));
  return [
    {
      id: 'changes',
      title: 'What changed',
      text: `${told.map(({ text }) => text).join('; ')}.`,
      numbers: Object.fromEntries(told.map(({ what, ratio }) => [`${what} ratio`, ratio])),
      rows: [],
      rowsTotal: now.totals.requests,
      source,
    },
    ...(largerNow === undefined ? [] : [largerRequests(largerNow, now.totals.requests, source)]),
  ];
}

function largerRequests(
  larger: NonNullable<ToolAnswer<'compare_tables'>['value']['largerNow']>,
  requests: number,
  source: Source,
): Finding {
  return {
    id: 'larger-requests',
    title: 'Whether requests are larger',
    text:
      `A request of this table has more input tokens than one of the other with a probability of ${percent(larger.inputTokens)}, ` +
      `and more output tokens with ${percent(larger.outputTokens)}; 50 % would be no difference.`,
    numbers: { inputTokensLarger: larger.inputTokens, outputTokensLarger: larger.outputTokens },
    rows: [],
    rowsTotal: requests,
    source,
  };
}

/** Whole numbers in a sentence; medians and rates are in the table below it. */
const TOLD: ReadonlySet<string> = new Set(['requests', 'input tokens', 'output tokens', 'tokens per request']);
