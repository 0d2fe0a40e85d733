import type { RightSizingOptions } from './right-sizing-options.ts';
import type { Opportunity, Prices } from '../results/figures.ts';
import type { RightSizing } from '../results/opportunities.ts';
import type { UsageTable } from '../table/usage-table.ts';
import { cheapestModel } from './cheapest-model.ts';
import { costsOf, missingMoney, totalsOf, type Costs } from './money-of.ts';
import { quantilesOf } from './quantiles.ts';
import { rowNumbers, tokensAt } from './rows.ts';
import { share, sum } from './sum.ts';
import { missingSingles } from './summed-rows.ts';

/** Input tokens per output token, from which a request carries much context for a short answer. */
const LONG_FOR_SHORT = 100;
const MODELS_SHOWN = 20;

export function findRightSizing(table: UsageTable, options: RightSizingOptions, prices?: Prices): RightSizing {
  const costs = costsOf(table, prices);
  const sizes = Float64Array.from(table.input.keys(), (index) => tokensAt(table, index));
  const byModel = modelsOf(table, sizes, options);
  if (table.summedBy !== undefined) {
    return {
      opportunities: [],
      contextSizes: [],
      knowable: [],
      notKnowable: ['how large single requests are'],
      missing: missingSingles(table),
    };
  }
  return {
    opportunities: [
      ...smallRequests(table, sizes, options, costs),
      ...cheapestModel(table, sizes, options, prices, costs),
      ...longForShort(table, sizes, costs),
      ...headroom(table, sizes, options),
    ],
    contextSizes: options.contextTokens.map((contextTokens) => {
      const fitting = sizes.filter((size) => size <= contextTokens);
      return {
        contextTokens,
        requestsThatFit: fitting.length,
        shareOfRequests: share(fitting.length, sizes.length),
        shareOfTokens: share(sum(fitting), sum(sizes)),
      };
    }),
    ...(byModel === undefined ? {} : { byModel }),
    knowable: ['how large requests are, and how many would fit into a given context or count as small'],
    notKnowable: ['whether a smaller model would answer well enough', 'which part of a long context the answer needed'],
    ...(costs === undefined ? {} : { money: costs.money }),
    missing: [
      ...(table.model === undefined
        ? [{ what: 'a model column', why: 'without it nothing can be said about which model serves which requests' }]
        : []),
      ...missingMoney(table, costs),
    ],
  };
}

function smallRequests(
  table: UsageTable,
  sizes: Float64Array,
  { smallTokens }: RightSizingOptions,
  costs: Costs | undefined,
): Opportunity[] {
  const small = Array.from(sizes.keys()).filter((index) => (sizes[index] ?? 0) <= smallTokens);
  if (small.length === 0) return [];
  const largestFirst = small.toSorted((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
  return [
    {
      id: 'small-requests',
      title: 'Try a smaller model for small requests',
      numbers: { smallTokens, ...numbersOf(table, sizes, small, costs) },
      rows: rowNumbers(table, largestFirst),
      rowsTotal: small.length,
      method:
        'requests whose input and output together are at most smallTokens; whether a smaller model serves them well must be tried',
      because: 'size is all that the file says about how hard a request is',
      certainty: 'upper bound',
    },
  ];
}

function longForShort(table: UsageTable, sizes: Float64Array, costs: Costs | undefined): Opportunity[] {
  const found = Array.from(sizes.keys())
    .filter((index) => (table.input[index] ?? 0) >= LONG_FOR_SHORT * Math.max(1, table.output[index] ?? 0))
    .sort((a, b) => (table.input[b] ?? 0) - (table.input[a] ?? 0) || a - b);
  if (found.length === 0) return [];
  return [
    {
      id: 'long-input-short-output',
      title: 'Send less context where the answer is short',
      numbers: { inputPerOutputToken: LONG_FOR_SHORT, ...numbersOf(table, sizes, found, costs) },
      rows: rowNumbers(table, found),
      rowsTotal: found.length,
      method: `requests with at least ${LONG_FOR_SHORT} input tokens for each output token`,
      because:
        'a long context for a short answer often holds more than the answer needed; the file does not say which part',
      certainty: 'upper bound',
    },
  ];
}

function headroom(table: UsageTable, sizes: Float64Array, { contextTokens }: RightSizingOptions): Opportunity[] {
  const { p99, max } = quantilesOf(sizes);
  const forAll = contextTokens.find((size) => size >= max);
  const forMost = contextTokens.find((size) => size >= p99);
  const largestFirst = Array.from(sizes.keys()).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
  return [
    {
      id: 'context-size',
      title: 'Choose the context size by what requests use',
      numbers: {
        largestRequestTokens: max,
        p99RequestTokens: p99,
        ...(forAll === undefined ? {} : { contextTokensForAll: forAll }),
        ...(forMost === undefined ? {} : { contextTokensFor99Percent: forMost }),
      },
      rows: rowNumbers(table, largestFirst),
      rowsTotal: sizes.length,
      method:
        'input and output tokens together, compared with the context sizes asked for; rows are the largest requests',
      because: 'sizes are known exactly, so what fits is counted',
      certainty: 'measured',
    },
  ];
}

function numbersOf(
  table: UsageTable,
  sizes: Float64Array,
  indexes: number[],
  costs: Costs | undefined,
): Record<string, number> {
  const all = totalsOf(table, costs);
  const part = totalsOf(table, costs, indexes);
  const tokens = part.inputTokens + part.outputTokens;
  return {
    requests: part.requests,
    shareOfRequests: share(part.requests, all.requests),
    tokens,
    shareOfTokens: share(tokens, sum(sizes)),
    ...(part.cost === undefined || all.cost === undefined
      ? {}
      : { cost: part.cost, shareOfCost: share(part.cost, all.cost) }),
  };
}

function modelsOf(table: UsageTable, sizes: Float64Array, { smallTokens }: RightSizingOptions): RightSizing['byModel'] {
  if (table.model === undefined) return undefined;
  const groups = Map.groupBy(table.model.keys(), (index) => table.model?.[index] || '(none)');
  return [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, MODELS_SHOWN)
    .map(([model, indexes]) => {
      const own = Float64Array.from(indexes, (index) => sizes[index] ?? 0);
      const small = own.filter((size) => size <= smallTokens).length;
      const { p50, p99, max } = quantilesOf(own);
      return {
        model,
        requests: own.length,
        p50Tokens: p50,
        p99Tokens: p99,
        maxTokens: max,
        smallRequests: small,
        shareSmall: share(small, own.length),
      };
    });
}
