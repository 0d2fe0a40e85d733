import type { Finding } from '../../../runs/run-result.ts';
import type { ToolAnswer } from '../../../tools/tool-results.ts';
import { amount, count, counted, rowsWords } from '../../../wording/figures.ts';
import { quote } from '../../../wording/quote.ts';

/** What the table holds at a glance. */
export function fromDescription({ tool, call, value }: ToolAnswer<'describe_data'>): Finding[] {
  const { totals, inputTokens, outputTokens, rows, rejectedRows, money } = value;
  const source = { tool, call };
  const badRows = rejectedRows.slice(0, 20).map(({ row }) => row);
  const sizes: Finding = {
    id: 'request-size',
    title: 'How large requests are',
    text:
      rows.summedBy === undefined
        ? `Half of the requests have at most ${count(inputTokens.p50)} input and ${counted(outputTokens.p50, 'output token')}; ` +
          `the largest has ${counted(inputTokens.max, 'input token')}, the longest answer ${count(outputTokens.max)}.`
        : `Each row sums up requests, as ${quote(rows.summedBy)} says: half of the rows have at most ${count(inputTokens.p50)} input and ` +
          `${counted(outputTokens.p50, 'output token')}, the largest ${count(inputTokens.max)} and ${count(outputTokens.max)}.`,
    numbers: {
      inputTokensP50: inputTokens.p50,
      outputTokensP50: outputTokens.p50,
      inputTokensMax: inputTokens.max,
      outputTokensMax: outputTokens.max,
    },
    rows: [],
    rowsTotal: rows.used,
    source,
  };
  const rejected: Finding = {
    id: 'rejected-rows',
    title: 'Rows that could not be used',
    text: `${count(rows.rejected)} of ${counted(rows.read, 'row')} could not be used and ${rows.rejected === 1 ? 'is' : 'are'} part of no figure here (${rowsWords(badRows, rows.rejected)}).`,
    numbers: { rejected: rows.rejected, read: rows.read },
    rows: badRows,
    rowsTotal: rows.rejected,
    source,
  };
  const cost: Finding[] =
    money === undefined || totals.cost === undefined
      ? []
      : [
          {
            id: 'cost',
            title: 'What it cost',
            text: `Together the requests cost ${amount(totals.cost, money)}, by the ${money.source}.`,
            numbers: { cost: totals.cost },
            rows: [],
            rowsTotal: totals.requests,
            source,
          },
        ];
  return [...cost, sizes, ...(rows.rejected > 0 ? [rejected] : [])];
}
