import type { Finding } from '../../../runs/run-result.ts';
import type { ToolAnswer } from '../../../tools/tool-results.ts';
import { counted, countOrFraction, decimal, duration, moment } from '../../../wording/figures.ts';

/** How the load moves. */
export function fromTrend({ tool, call, value }: ToolAnswer<'trend_and_peaks'>): Finding[] {
  const source = { tool, call };
  const peak = value.peaks.find(({ of }) => of === 'tokens') ?? value.peaks[0];
  const found: Finding[] = [];
  if (peak !== undefined && decimal(peak.timesMean) !== '1') {
    found.push({
      id: 'highest-peak',
      title: 'The highest peak',
      text: `The highest peak is the ${duration(value.bucketMs)} from ${moment(peak.from)} with ${counted(peak.value, peak.of.replace(/s$/, ''))}, ${decimal(peak.timesMean)} times the mean.`,
      numbers: { value: peak.value, timesMean: peak.timesMean, bucketMs: value.bucketMs },
      rows: peak.rows,
      rowsTotal: value.buckets.find(({ from }) => from === peak.from)?.requests ?? peak.rows.length,
      source,
    });
  }
  if (value.slope !== undefined)
    found.push({ ...slopeWords(value.bucketMs, value.slope), rows: [], rowsTotal: 0, source });
  return found;
}

const HOUR_MS = 3_600_000;
/** Units in which a slope is told: the shortest that gives a figure of 1 at least, and is no shorter than the periods. */
const UNITS = [
  { unit: 'hour', hours: 1 },
  { unit: 'day', hours: 24 },
  { unit: 'week', hours: 24 * 7 },
];

function slopeWords(
  bucketMs: number,
  { tokensPerBucketPerHour: slope, buckets }: NonNullable<ToolAnswer<'trend_and_peaks'>['value']['slope']>,
): Pick<Finding, 'id' | 'title' | 'text' | 'numbers'> {
  const id = 'slope';
  if (slope === undefined) {
    const text = `No trend stands out from the scatter of the ${counted(buckets, 'period')} of ${duration(bucketMs)}.`;
    return { id, title: 'No trend stands out', text, numbers: { bucketMs, buckets } };
  }
  const suited = UNITS.find(({ hours }) => hours * HOUR_MS >= bucketMs && Math.abs(slope) * hours >= 1);
  const { unit, hours } = suited ?? { unit: 'week', hours: 24 * 7 };
  const goes = slope < 0 ? 'falls' : 'rises';
  return {
    id,
    title: `The load ${goes}`,
    text:
      `Over the time span the load ${goes} by ${countOrFraction(Math.abs(slope) * hours)} tokens per ${duration(bucketMs)} with each ${unit} ` +
      `(a straight line through ${counted(buckets, 'period')}).`,
    numbers: { tokensPerBucketPerHour: slope, hours, bucketMs, buckets },
  };
}
