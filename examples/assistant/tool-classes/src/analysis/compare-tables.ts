import { MODELS_COMPARED, type Change, type CompareTables } from '../results/compare-tables.ts';
import type { Missing, Prices } from '../results/figures.ts';
import type { UsageTable } from '../table/usage-table.ts';
import { costsOf, totalsOf } from './money-of.ts';
import { probabilityLarger } from './probability-larger.ts';
import { quantilesOf } from './quantiles.ts';
import { inUnit, rateUnit } from './rate.ts';
import { requestsIn, tokensAt } from './rows.ts';
import { share, sum, tidy } from './sum.ts';
import { missingSingles } from './summed-rows.ts';
import { isoTime, timeOrder } from './time-order.ts';

type Side = CompareTables['now'];

/** What changed from one table to another. Sums differ with the time span, so rates and sizes of requests are compared beside them. */
export function compareTables(now: UsageTable, before: UsageTable, prices?: Prices): CompareTables {
  const [sideNow, sideBefore] = [sideOf(now, prices), sideOf(before, prices)];
  const unlike = whyCostsDiffer(sideBefore, sideNow);
  const models = modelsOf(now, before);
  const singles = missingSingles(now.summedBy === undefined ? before : now);
  return {
    before: sideBefore,
    now: sideNow,
    changes: changesOf(sideBefore, sideNow, unlike === undefined),
    ...(models === undefined ? {} : { models }),
    ...(singles.length > 0
      ? {}
      : {
          largerNow: {
            inputTokens: probabilityLarger(now.input, before.input),
            outputTokens: probabilityLarger(now.output, before.output),
          },
        }),
    method:
      'differences and ratios of sums, medians and rates over all usable rows; the sizes of requests by the probability of superiority ' +
      '(Mann–Whitney U / n·m, the measure of Vargha and Delaney)',
    because:
      'sums alone would compare time spans of different lengths; the probability of superiority needs no assumption about how sizes are spread, and single ' +
      'huge requests do not move it',
    missing: [
      ...singles,
      ...(sideNow.perMinute === undefined || sideBefore.perMinute === undefined
        ? [{ what: 'a time column in both tables', why: 'without it rates cannot be compared' }]
        : []),
      ...(unlike === undefined ? [] : [unlike]),
      ...(models === undefined
        ? [{ what: 'a model column in both tables', why: 'without it models cannot be compared' }]
        : []),
    ],
  };
}

/** Why what the two cost cannot be compared; undefined when it can. */
function whyCostsDiffer(before: Side, now: Side): Missing[number] | undefined {
  if (before.money === undefined || now.money === undefined) {
    return { what: 'a cost column in both tables, or prices', why: 'without it what was paid cannot be compared' };
  }
  const { source: wasFrom, currency: was = 'an unknown currency' } = before.money;
  const { source: isFrom, currency: is = 'an unknown currency' } = now.money;
  if (was !== is) {
    const why = `before it is ${was} and now ${is}, so the two cannot be compared`;
    return { what: 'costs of both tables in one currency', why };
  }
  if (wasFrom !== isFrom) {
    const why = `before it is by the ${wasFrom} and now by the ${isFrom}, so the two are not the same measure`;
    return { what: 'costs of both tables from the same source', why };
  }
  return undefined;
}

function sideOf(table: UsageTable, prices: Prices | undefined): Side {
  const costs = costsOf(table, prices);
  const totals = totalsOf(table, costs);
  const tokens = totals.inputTokens + totals.outputTokens;
  const ordered = timeOrder(table);
  const timed = ordered.map(({ index }) => index);
  const [first, last] = [ordered[0]?.at, ordered.at(-1)?.at];
  const durationMs = first === undefined || last === undefined ? 0 : last - first;
  return {
    ...(table.name === undefined ? {} : { name: table.name }),
    totals,
    ...(costs === undefined ? {} : { money: costs.money }),
    ...(first === undefined || last === undefined
      ? {}
      : { timeSpan: { from: isoTime(first), to: isoTime(last), durationMs } }),
    ...(durationMs === 0
      ? {}
      : {
          perMinute: {
            requests: tidy(requestsIn(table, timed) / (durationMs / 60_000)),
            tokens: tidy(sum(timed.map((index) => tokensAt(table, index))) / (durationMs / 60_000)),
          },
        }),
    ...(table.summedBy === undefined
      ? { inputTokensP50: quantilesOf(table.input).p50, outputTokensP50: quantilesOf(table.output).p50 }
      : {}),
    tokensPerRequest: share(tokens, totals.requests),
  };
}

type Measure = [what: string, before: number | undefined, now: number | undefined];

function rateOf(what: string, before: number | undefined, now: number | undefined): Measure {
  if (before === undefined || now === undefined) return [what, undefined, undefined];
  const unit = rateUnit(before / 60_000, now / 60_000);
  return [`${what} per ${unit.unit}`, inUnit(before / 60_000, unit), inUnit(now / 60_000, unit)];
}

function changesOf(before: Side, now: Side, costsCompare: boolean): Change[] {
  const measures: Measure[] = [
    ['requests', before.totals.requests, now.totals.requests],
    ['input tokens', before.totals.inputTokens, now.totals.inputTokens],
    ['output tokens', before.totals.outputTokens, now.totals.outputTokens],
    ...(costsCompare ? [['cost', before.totals.cost, now.totals.cost] satisfies Measure] : []),
    ['tokens per request', before.tokensPerRequest, now.tokensPerRequest],
    ['input tokens of the median request', before.inputTokensP50, now.inputTokensP50],
    ['output tokens of the median request', before.outputTokensP50, now.outputTokensP50],
    rateOf('requests', before.perMinute?.requests, now.perMinute?.requests),
    rateOf('tokens', before.perMinute?.tokens, now.perMinute?.tokens),
  ];
  return measures.flatMap(([what, was, is]) => {
    if (was === undefined || is === undefined) return [];
    const ratio = was === 0 ? {} : { ratio: tidy(is / was) };
    return [{ what, before: was, now: is, difference: tidy(is - was), ...ratio }];
  });
}

function modelsOf(now: UsageTable, before: UsageTable): CompareTables['models'] {
  if (now.model === undefined || before.model === undefined) return undefined;
  const found = new Map<string, NonNullable<CompareTables['models']>[number]>();
  const add = (table: UsageTable, side: 'Before' | 'Now'): void => {
    for (const [index, name] of (table.model ?? []).entries()) {
      const model = name === '' ? '(none)' : name;
      const counts = found.get(model) ?? { model, requestsBefore: 0, requestsNow: 0, tokensBefore: 0, tokensNow: 0 };
      counts[`requests${side}`] += requestsIn(table, [index]);
      counts[`tokens${side}`] += tokensAt(table, index);
      found.set(model, counts);
    }
  };
  add(before, 'Before');
  add(now, 'Now');
  const changeOf = (one: { tokensBefore: number; tokensNow: number }): number =>
    Math.abs(one.tokensNow - one.tokensBefore);
  return [...found.values()].sort((a, b) => changeOf(b) - changeOf(a)).slice(0, MODELS_COMPARED);
}
