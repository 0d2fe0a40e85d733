import { ANOMALIES_SHOWN, type Anomalies } from '../results/anomalies.ts';
import type { UsageTable } from '../table/usage-table.ts';
import type { Tell } from '../work/job.ts';
import { MOST_PERIODS, plainModel, seasonalModel, seasonFor, type PeriodModel, type Season } from './period-model.ts';
import { robustSpread, THRESHOLD, type Spread } from './robust-score.ts';
import { rowNumbers, tokensAt } from './rows.ts';
import { sum, tidy } from './sum.ts';
import { bucketsOf, type Buckets } from './time-buckets.ts';
import { isoTime } from './time-order.ts';

/** Periods aimed at where there is no season: an hour becomes minutes. */
const USUAL_PERIODS = 120;
/** Fewer periods than this have no usual value to differ from. */
const MIN_PERIODS = 8;

/**
 * Requests and periods that differ from the usual by more than the threshold, most unusual first. Requests by the robust z-score of the
 * logarithm of their size; periods by what seasonal decomposition leaves, where the table covers a season often enough, else by
 * the robust z-score of their sums.
 */
export function findAnomalies(table: UsageTable, tell: Tell = () => undefined): Anomalies {
  tell({ percent: 0, detail: 'scoring the sizes of requests' });
  const requests = [
    unusualRequests(table, 'input tokens', table.input),
    unusualRequests(table, 'output tokens', table.output),
  ];
  tell({ percent: 50, detail: 'scoring periods' });
  const { cut, season } = periodsOf(table);
  const enough = cut !== undefined && cut.buckets.length >= MIN_PERIODS;
  const periods = enough
    ? [
        unusualPeriods(table, cut, season, 'requests per period', (indexes) => indexes.length),
        unusualPeriods(table, cut, season, 'tokens per period', (indexes) =>
          sum(indexes.map((index) => tokensAt(table, index))),
        ),
      ]
    : [];
  return {
    threshold: THRESHOLD,
    measures: [...requests, ...periods].map(({ measure }) => measure),
    requests: requests.flatMap(({ shown }) => shown),
    periods: periods.flatMap(({ shown }) => shown),
    ...(season === undefined || !enough ? {} : { season: { name: season.name, cyclePeriods: season.cycle } }),
    method: methodOf(season),
    because: becauseOf(cut, enough, season),
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

function periodsOf(table: UsageTable): { cut: Buckets | undefined; season: Season | undefined } {
  const usual = bucketsOf(table, USUAL_PERIODS);
  const season = usual && seasonFor(usual.last - usual.first);
  // The first and last period, which the data may cover only in part, are cut and left out.
  return { cut: season === undefined ? usual : bucketsOf(table, MOST_PERIODS + 2, season.widthMs), season };
}

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
  return `${score}; ${requests}; ${periods}`;
}

function becauseOf(cut: Buckets | undefined, enough: boolean, season: Season | undefined): string {
  const requests =
    'sizes of requests differ by orders of magnitude, so their logarithms are compared, and medians are used because the outliers looked for would move means';
  if (cut === undefined) return `${requests}; there are no times, so there are no periods`;
  const hours = Math.round((cut.last - cut.first) / 360_000) / 10;
  if (!enough) return `${requests}; ${cut.buckets.length} periods are too few to have a usual value`;
  return season === undefined
    ? `${requests}; the time span of ${hours} hours holds no season three times (that takes three whole days), so periods are compared with their median`
    : `${requests}; the time span of ${hours} hours holds the course by ${season.name} at least three times, so what is usual at that ${season.name} is no anomaly`;
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
  const unusual = beyondThreshold(logs.length, (index) => spread.score(logs[index] ?? 0));
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
  season: Season | undefined,
  measure: string,
  valueOf: (indexes: readonly number[]) => number,
): Found<Anomalies['periods'][number]> {
  const whole = cut.buckets.slice(1, -1);
  const values = Float64Array.from(whole, ({ indexes }) => valueOf(indexes));
  const model: PeriodModel = season === undefined ? plainModel(values) : seasonalModel(values, season.cycle);
  const unusual = beyondThreshold(values.length, model.score);
  return {
    measure: describeSpread(measure, model.spread, unusual.length),
    shown: unusual.slice(0, ANOMALIES_SHOWN).map(({ index, score }) => {
      const bucket = whole[index];
      if (bucket === undefined) throw new Error('every period has its bucket');
      return {
        measure,
        from: isoTime(bucket.from),
        bucketMs: cut.widthMs,
        value: values[index] ?? 0,
        expected: tidy(model.expected?.[index] ?? model.spread.median),
        score,
        rows: rowNumbers(table, bucket.indexes),
        rowsTotal: bucket.indexes.length,
      };
    }),
  };
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
