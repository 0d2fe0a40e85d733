import type { Missing } from '../results/figures.ts';
import { MAX_BUCKETS, type TrendAndPeaks } from '../results/trend-and-peaks.ts';
import { accept, quote, refuse, type Outcome } from '../table/refusal.ts';
import type { UsageTable } from '../table/usage-table.ts';
import { requestsIn, rowNumbers, tokensAt } from './rows.ts';
import { sum, tidy } from './sum.ts';
import { bucketsOf, type Bucket, type Buckets } from './time-buckets.ts';
import { isoTime } from './time-order.ts';

/** Buckets aimed at when none are asked for: an hour becomes minutes, a day becomes quarters of an hour. */
const USUAL_BUCKETS = 120;
const PEAKS_SHOWN = 3;
const MIN_SLOPE_BUCKETS = 3;
/** A slope counts when it is larger than so many of its standard errors: over many buckets chance alone gives that once in 300 tables. */
const STANDARD_ERRORS = 3;

/** Names of columns in a refusal. */
const NAMES_SHOWN = 40;

/** A table that has no times cannot be asked about time; this is what each tool about time answers then. */
export function needsTime(table: UsageTable): Outcome<never> {
  const names = table.columns
    .slice(0, NAMES_SHOWN)
    .map(({ name }) => quote(name))
    .join(', ');
  return refuse(
    'missing_columns',
    'This analysis needs a time for each request, and the table has no recognisable time column. Add one, such as "timestamp".',
    'a column of times like 2023-11-16 18:17:03 or epoch numbers',
    names,
  );
}

export function trendOf(table: UsageTable, bucketMs?: number): Outcome<TrendAndPeaks> {
  const cut = bucketsOf(table, bucketMs === undefined ? USUAL_BUCKETS : MAX_BUCKETS, bucketMs);
  if (cut === undefined) return needsTime(table);
  const requests = cut.buckets.map(({ indexes }) => requestsIn(table, indexes));
  const tokens = cut.buckets.map(({ indexes }) => sum(indexes.map((index) => tokensAt(table, index))));
  const input = cut.buckets.map(({ indexes }) => sum(indexes.map((index) => table.input[index] ?? 0)));
  const minutes = (cut.last - cut.first) / 60_000;
  const perMinute = (values: number[]): number => tidy(sum(values) / minutes);
  const output = tokens.map((all, index) => all - (input[index] ?? 0));
  const slope = slopeOf(cut, requests, tokens);
  return accept({
    timeSpan: { from: isoTime(cut.first), to: isoTime(cut.last), durationMs: cut.last - cut.first },
    bucketMs: cut.widthMs,
    buckets: cut.buckets.map(({ from }, index) => ({
      from: isoTime(from),
      requests: requests[index] ?? 0,
      inputTokens: input[index] ?? 0,
      outputTokens: output[index] ?? 0,
    })),
    ...(minutes === 0
      ? {}
      : {
          perMinute: { requests: perMinute(requests), inputTokens: perMinute(input), outputTokens: perMinute(output) },
        }),
    peaks: [...peaksOf(table, cut.buckets, 'requests', requests), ...peaksOf(table, cut.buckets, 'tokens', tokens)],
    peakToMean: { requests: peakToMean(requests), tokens: peakToMean(tokens) },
    emptyBuckets: cut.buckets.filter(({ indexes }) => indexes.length === 0).length,
    ...(slope === undefined ? {} : { slope }),
    method:
      'sums per bucket of equal width (UTC); peaks are the highest buckets; slope by least squares over whole buckets, ' +
      `leaving out the first and last, which the data may cover only in part, and told when it exceeds ${STANDARD_ERRORS} times its standard error`,
    because:
      bucketMs === cut.widthMs
        ? 'the width of the buckets was asked for'
        : `the width of the buckets is the smallest round one that cuts the time span into at most ${bucketMs === undefined ? USUAL_BUCKETS : MAX_BUCKETS} and is no finer than rows usually come`,
    missing: missingFor(table, cut, bucketMs, slope === undefined),
  });
}

function peaksOf(
  table: UsageTable,
  buckets: Bucket[],
  of: 'requests' | 'tokens',
  values: number[],
): TrendAndPeaks['peaks'] {
  const mean = sum(values) / values.length;
  return buckets
    .map((bucket, index) => ({ bucket, value: values[index] ?? 0 }))
    .sort((a, b) => b.value - a.value || a.bucket.from - b.bucket.from)
    .slice(0, PEAKS_SHOWN)
    .filter(({ value }) => value > mean)
    .map(({ bucket, value }) => ({
      of,
      from: isoTime(bucket.from),
      value,
      timesMean: tidy(value / mean),
      rows: rowNumbers(table, bucket.indexes),
    }));
}

function peakToMean(values: number[]): number {
  const mean = sum(values) / values.length;
  return mean === 0 ? 0 : tidy(values.reduce((most, value) => Math.max(most, value), 0) / mean);
}

/** The slopes that stand out from the scatter; one that does not is left out, as if there were none. */
function slopeOf(cut: Buckets, requests: number[], tokens: number[]): TrendAndPeaks['slope'] {
  const hours = cut.buckets.slice(1, -1).map(({ from }) => from / 3_600_000);
  if (hours.length < MIN_SLOPE_BUCKETS) return undefined;
  const [ofRequests, ofTokens] = [requests, tokens].map((values) => {
    const { slope, standardError } = leastSquares(hours, values.slice(1, -1));
    return tidy(slope) !== 0 && Math.abs(slope) > STANDARD_ERRORS * standardError ? tidy(slope) : undefined;
  });
  return {
    ...(ofRequests === undefined ? {} : { requestsPerBucketPerHour: ofRequests }),
    ...(ofTokens === undefined ? {} : { tokensPerBucketPerHour: ofTokens }),
    buckets: hours.length,
    standardErrors: STANDARD_ERRORS,
  };
}

function leastSquares(x: number[], y: number[]): { slope: number; standardError: number } {
  const meanX = sum(x) / x.length;
  const meanY = sum(y) / y.length;
  const spreadX = sum(x.map((value) => (value - meanX) ** 2));
  const slope = sum(x.map((value, index) => (value - meanX) * ((y[index] ?? 0) - meanY))) / spreadX;
  const left = sum(x.map((value, index) => ((y[index] ?? 0) - meanY - slope * (value - meanX)) ** 2));
  return { slope, standardError: Math.sqrt(left / (x.length - 2) / spreadX) };
}

function missingFor(table: UsageTable, cut: Buckets, asked: number | undefined, noSlope: boolean): Missing {
  const timeless = table.input.length - cut.buckets.reduce((count, { indexes }) => count + indexes.length, 0);
  return [
    ...(timeless > 0 ? [{ what: `a usable time in ${timeless} rows`, why: 'these rows are part of no bucket' }] : []),
    ...(asked !== undefined && asked !== cut.widthMs
      ? [
          {
            what: `a shorter time span or wider buckets than ${asked} ms`,
            why: `at most ${MAX_BUCKETS} buckets are returned, none finer than rows usually come`,
          },
        ]
      : []),
    ...(noSlope
      ? [{ what: `at least ${MIN_SLOPE_BUCKETS + 2} buckets`, why: 'without them a slope would say nothing' }]
      : []),
  ];
}
