import { ANOMALIES_SHOWN, type Anomalies } from '../results/anomalies.ts';
import type { UsageTable } from '../table/usage-table.ts';
import { robustSpread, THRESHOLD, type Spread } from './robust-score.ts';
import { rowNumbers, tokensAt } from './rows.ts';
import { sum, tidy } from './sum.ts';
import { bucketsOf, type Buckets } from './time-buckets.ts';
import { isoTime } from './time-order.ts';

const MOST_PERIODS = 120;
/** Fewer periods than this have no usual value to differ from. */
const MIN_PERIODS = 8;

/** Requests and periods that differ from the usual by more than the threshold, most unusual first. */
export function findAnomalies(table: UsageTable): Anomalies {
  const requests = [
    unusualRequests(table, 'input tokens', table.input),
    unusualRequests(table, 'output tokens', table.output),
  ];
  const cut = bucketsOf(table, MOST_PERIODS);
  const enough = cut !== undefined && cut.buckets.length >= MIN_PERIODS;
  const periods = enough
    ? [
        unusualPeriods(
          table,
          cut,
          'requests per period',
          cut.buckets.map(({ indexes }) => indexes.length),
        ),
        unusualPeriods(
          table,
          cut,
          'tokens per period',
          cut.buckets.map(({ indexes }) => sum(indexes.map((index) => tokensAt(table, index)))),
        ),
      ]
    : [];
  return {
    threshold: THRESHOLD,
    measures: [...requests, ...periods].map(({ measure }) => measure),
    requests: requests.flatMap(({ shown }) => shown),
    periods: periods.flatMap(({ shown }) => shown),
    method:
      'robust z-score: 0.6745 × (value − median) / median absolute deviation, beyond ±3.5 (Iglewicz and Hoaglin); for tokens per ' +
      'request over the logarithm of 1 + tokens, because sizes differ by orders of magnitude; for periods over plain sums, empty periods included. ' +
      'Where more than half of the values are equal, 0.7979 × (value − median) / mean absolute deviation',
    missing: enough
      ? []
      : [
          {
            what: cut === undefined ? 'a time column' : `at least ${MIN_PERIODS} periods`,
            why: 'without it periods cannot be compared',
          },
        ],
  };
}

interface Found<T> {
  measure: Anomalies['measures'][number];
  shown: T[];
}

function unusualRequests(
  table: UsageTable,
  measure: string,
  values: Float64Array,
): Found<Anomalies['requests'][number]> {
  const logs = values.map((value) => Math.log1p(value));
  const spread = robustSpread(logs);
  const unusual = beyondThreshold(logs, spread);
  return {
    measure: describeSpread(`log(1 + ${measure}) per request`, spread, unusual.length),
    shown: unusual.slice(0, ANOMALIES_SHOWN).map(({ index, score }) => {
      const at = table.time?.[index];
      return {
        measure,
        row: table.number[index] ?? 0,
        value: values[index] ?? 0,
        score,
        ...(at === undefined || Number.isNaN(at) ? {} : { at: isoTime(at) }),
      };
    }),
  };
}

function unusualPeriods(
  table: UsageTable,
  cut: Buckets,
  measure: string,
  sums: number[],
): Found<Anomalies['periods'][number]> {
  // The first and last period may be covered only in part; they would look unusual for no reason but that.
  const values = Float64Array.from(sums.slice(1, -1));
  const spread = robustSpread(values);
  const unusual = beyondThreshold(values, spread);
  return {
    measure: describeSpread(measure, spread, unusual.length),
    shown: unusual.slice(0, ANOMALIES_SHOWN).map(({ index, score }) => {
      const bucket = cut.buckets[index + 1];
      if (bucket === undefined) throw new Error('every period has its bucket');
      return {
        measure,
        from: isoTime(bucket.from),
        bucketMs: cut.widthMs,
        value: values[index] ?? 0,
        score,
        rows: rowNumbers(table, bucket.indexes),
        rowsTotal: bucket.indexes.length,
      };
    }),
  };
}

function beyondThreshold(values: Float64Array, spread: Spread): { index: number; score: number }[] {
  return Array.from(values, (value, index) => ({ index, score: tidy(spread.score(value)) }))
    .filter(({ score }) => Math.abs(score) > THRESHOLD)
    .sort((a, b) => Math.abs(b.score) - Math.abs(a.score) || a.index - b.index);
}

function describeSpread(measure: string, spread: Spread, found: number): Anomalies['measures'][number] {
  return { measure, median: tidy(spread.median), scale: tidy(spread.scale), scaleOf: spread.scaleOf, found };
}
