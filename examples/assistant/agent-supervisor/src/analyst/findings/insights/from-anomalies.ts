import type { Finding } from '../../../runs/run-result.ts';
import type { ToolAnswer } from '../../../tools/tool-results.ts';
import { count, counted, countOrFraction, decimal, duration, moment } from '../../../wording/figures.ts';

/** What differs most from the usual. */
export function fromAnomalies({ tool, call, value }: ToolAnswer<'anomalies'>): Finding[] {
  const source = { tool, call };
  const strongest = value.requests.toSorted((a, b) => Math.abs(b.score) - Math.abs(a.score))[0];
  const period = value.periods[0];
  const season = value.season === undefined ? '' : ` by trend and ${value.season.name}`;
  const found: Finding[] = [];
  if (strongest !== undefined) {
    const time = strongest.at === undefined ? '' : ` at ${moment(strongest.at)}`;
    found.push({
      id: 'most-unusual-request',
      title: 'The most unusual request',
      text: `Row ${strongest.row}${time} has ${counted(strongest.value, strongest.measure.replace(/s$/, ''))}, a robust z-score of ${decimal(strongest.score)}.`,
      numbers: { value: strongest.value, score: strongest.score, threshold: value.threshold },
      rows: [strongest.row],
      rowsTotal: 1,
      source,
    });
  }
  if (period !== undefined) {
    found.push({
      id: 'most-unusual-period',
      title: 'The most unusual period',
      text: `The period of ${duration(period.bucketMs)} from ${moment(period.from)} stands out with ${counted(period.value, period.measure.replace('s per period', ''))}, where ${countOrFraction(period.expected)} ${count(period.expected) === '1' ? 'is' : 'are'} usual${season}: a robust z-score of ${decimal(period.score)}.`,
      numbers: { value: period.value, expected: period.expected, score: period.score, bucketMs: period.bucketMs },
      rows: period.rows,
      rowsTotal: period.rowsTotal,
      source,
    });
  }
  return found;
}
