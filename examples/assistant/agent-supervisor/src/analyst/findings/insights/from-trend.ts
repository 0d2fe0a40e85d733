import type { Finding } from '../../../runs/run-result.ts';
import type { ToolAnswer } from '../../../tools/tool-results.ts';
import { count, decimal, duration, moment } from '../../../wording/figures.ts';

/** How the load moves. */
export function fromTrend({ tool, call, value }: ToolAnswer<'trend_and_peaks'>): Finding[] {
  const source = { tool, call };
  const peak = value.peaks.find(({ of }) => of === 'tokens') ?? value.peaks[0];
  const found: Finding[] = [];
  if (peak !== undefined) {
    found.push({
      id: 'highest-peak',
      title: 'The highest peak',
      text: `The highest peak is the ${duration(value.bucketMs)} from ${moment(peak.from)} with ${count(peak.value)} ${peak.of}, ${decimal(peak.timesMean)} times the mean.`,
      numbers: { value: peak.value, timesMean: peak.timesMean, bucketMs: value.bucketMs },
      rows: peak.rows,
      rowsTotal: value.buckets.find(({ from }) => from === peak.from)?.requests ?? peak.rows.length,
      source,
    });
  }
  if (value.slope !== undefined) {
    const { tokensPerBucketPerHour: slope } = value.slope;
    found.push({
      id: 'slope',
      title: slope < 0 ? 'The load falls' : 'The load rises',
      text: `Over the time span the load ${slope < 0 ? 'falls' : 'rises'} by ${count(Math.abs(slope))} tokens per ${duration(value.bucketMs)} with each hour (a straight line through ${count(value.slope.buckets)} periods).`,
      numbers: { tokensPerBucketPerHour: slope, bucketMs: value.bucketMs, buckets: value.slope.buckets },
      rows: [],
      rowsTotal: 0,
      source,
    });
  }
  return found;
}
