import { ANOMALIES_SHOWN, type Anomalies } from '../results/anomalies.ts';
import type { UsageTable } from '../table/usage-table.ts';
import type { Tell } from '../work/job.ts';
import { plainModel, seasonalModel, type PeriodModel, type Season } from './period-model.ts';
import { MIN_PERIODS, periodsOf, type Periods } from './periods.ts';
import { robustSpread, THRESHOLD, type Spread } from './robust-score.ts';
import { requestsIn, rowNumbers, tokensAt } from './rows.ts';
import { sum, tidy } from './sum.ts';
import { missingSingles } from './summed-rows.ts';
import { isoTime } from './time-order.ts';

/** Nearer to the usual than this nothing is called unusual: among equal values any other one is infinitely far in deviations. */
const LEAST_DIFFERENCE = 0.1;

/**
 * Requests and periods that differ from the usual by more than the threshold, most unusual first. Requests by the robust z-score of the
 * logarithm of their size; periods by what seasonal decomposition leaves, where the table covers a season often enough, else by
 * the robust z-score of their sums.
 */
export function findAnomalies(table: UsageTable, tell: Tell = () => undefined): Anomalies {
  tell({ percent: 0, detail: 'scoring the sizes of requests' });
  const requests =
    table.summedBy === undefined
      ? [unusualRequests(table, 'input tokens', table.input), unusualRequests(table, 'output tokens', table.output)]
      : [];
  tell({ percent: 50, detail: 'scoring periods' });
  const found = periodsOf(table);
  const periods =
    'none' in found
      ? []
      : [
          unusualPeriods(table, found, 'requests per period', (indexes) => requestsIn(table, indexes)),
          unusualPeriods(table, found, 'tokens per period', (indexes) =>
            sum(indexes.map((index) => tokensAt(table, index))),
          ),
        ];
  const season = 'none' in found ? undefined : found.season;
  return {
    threshold: THRESHOLD,
    measures: [...requests, ...periods].map(({ measure }) => measure),
    requests: requests.flatMap(({ shown }) => shown),
    periods: periods.flatMap(({ shown }) => shown),
    ...(season === undefined ? {} : { season: { name: season.name, cyclePeriods: season.cycle } }),
    method: methodOf(season),
    because: becauseOf(found),
    missing: [
      ...missingSingles(table),
      ...('none' in found ? [{ what: LACKING[found.none], why: 'without it periods cannot be compared' }] : []),
    ],
  };
}

const LACKING = {
  'no times': 'a time column',
  'too few': `at least ${MIN_PERIODS} periods`,
  'mostly empty': 'requests in at least half of the periods',
};

function methodOf(season: Season | undefined): string {
  const score =
    'robust z-score: 0.6745 × (value − median) / median absolute deviation, beyond ±3.5 (Iglewicz and Hoaglin 1993); where more than half of ' +
    'the values are equal, 0.7979 × (value − median) / mean absolute deviation';
  const requests = 'for tokens per request over the logarithm of 1 + tokens';
  const periods =
    season === undefined
      ? 'for periods over plain sums, empty periods included'
      : `for periods over the remainder of a seasonal decomposition by medians (classical additive decomposition with medians for means): ` +
        `value − trend over ${season.cycle} periods − the usual for that ${season.name}`;
  const least = `only what is also at least ${LEAST_DIFFERENCE * 100} % from the usual, since less changes no bill that anybody looks at`;
  return `${score}; ${requests}; ${periods}; ${least}`;
}

function becauseOf(found: Periods): string {
  const requests =
    'sizes of requests differ by orders of magnitude, so their logarithms are compared, and medians are used because the outliers looked for would move means';
  return `${requests}; ${'none' in found ? NOT_COMPARED[found.none] : comparedBecause(found)}`;
}

const NOT_COMPARED = {
  'no times': 'there are no times, so there are no periods',
  'too few': `fewer than ${MIN_PERIODS} periods have no usual value`,
  'mostly empty': 'more than half of the periods are empty, so none of them is the usual',
};

function comparedBecause({ cut, season, sparse }: Exclude<Periods, { none: string }>): string {
  const hours = Math.round((cut.last - cut.first) / 36_000) / 100;
  const span = `the time span of ${hours} ${hours === 1 ? 'hour' : 'hours'}`;
  if (season !== undefined)
    return `${span} holds the course by ${season.name} at least three times, so what is usual at that ${season.name} is no anomaly`;
  return sparse
    ? `${span} is long enough for a season, but more than half of its hours and days are empty, so periods are compared with their median`
    : `${span} holds no season three times (that takes three whole days), so periods are compared with their median`;
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
  const usual = Math.expm1(spread.median);
  const unusual = beyondThreshold(logs.length, (index) =>
    differs(values[index] ?? 0, usual) ? spread.score(logs[index] ?? 0) : 0,
  );
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
  { cut, season }: Exclude<Periods, { none: string }>,
  measure: string,
  valueOf: (indexes: readonly number[]) => number,
): Found<Anomalies['periods'][number]> {
  const values = Float64Array.from(cut.buckets, ({ indexes }) => valueOf(indexes));
  const model: PeriodModel = season === undefined ? plainModel(values) : seasonalModel(values, season.cycle);
  const expectedAt = (index: number): number => model.expected?.[index] ?? model.spread.median;
  const unusual = beyondThreshold(values.length, (index) => {
    const score = differs(values[index] ?? 0, expectedAt(index)) ? model.score(index) : 0;
    // The data may cover the first and last period only in part: that explains a low value and no high one.
    const isWhole = index > 0 && index < values.length - 1;
    return isWhole ? score : Math.max(0, score);
  });
  return {
    measure: describeSpread(measure, model.spread, unusual.length),
    shown: unusual.slice(0, ANOMALIES_SHOWN).map(({ index, score }) => {
      const bucket = cut.buckets[index];
      if (bucket === undefined) throw new Error('every period has its bucket');
      return {
        measure,
        from: isoTime(bucket.from),
        bucketMs: cut.widthMs,
        value: values[index] ?? 0,
        expected: tidy(expectedAt(index)),
        score,
        rows: rowNumbers(table, bucket.indexes),
        rowsTotal: bucket.indexes.length,
      };
    }),
  };
}

function differs(value: number, usual: number): boolean {
  return Math.abs(value - usual) >= LEAST_DIFFERENCE * Math.abs(usual);
}

function beyondThreshold(length: number, scoreOf: (index: number) => number): { index: number; score: number }[] {
  const found: { index: number; score: number }[] = [];
  for (let index = 0; index < length; index += 1) {
    const score = scoreOf(index);
    if (Math.abs(score) > THRESHOLD) found.push({ index, score: tidy(score) });
  }
  return found.sort((a, b) => Math.abs(b.score) - Math.abs(a.score) || a.index - b.index);
}

function describeSpread(measure: string, spread: Spread, found: number): Anomalies['measures'][number] {
  return { measure, median: tidy(spread.median), scale: tidy(spread.scale), scaleOf: spread.scaleOf, found };
}
