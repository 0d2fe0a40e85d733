import type { Opportunity } from '../results/figures.ts';
import type { Opportunities } from '../results/opportunities.ts';
import type { Tell } from '../work/job.ts';
import { accept, type Outcome } from '../table/refusal.ts';
import type { UsageTable } from '../table/usage-table.ts';
import { batchWindows } from './batch-windows.ts';
import { arrivalsByModel, type Arrival } from './by-model.ts';
import { findConcurrency } from './concurrency.ts';
import { quantilesOf } from './quantiles.ts';
import { kingmanWait, variationOf } from './queueing-theory.ts';
import { waitsInQueue } from './queue.ts';
import { inUnit, perUnit, rateUnit } from './rate.ts';
import { rowNumbers, tokensAt } from './rows.ts';
import { share, sum, tidy } from './sum.ts';
import { missingSingles } from './summed-rows.ts';
import { timeOrder } from './time-order.ts';
import { needsTime } from './trend-and-peaks.ts';

export interface BatchingOptions {
  windowMs: number;
  /** Input and output tokens together, up to which a request counts as small. */
  smallTokens: number;
}

/** The queue looked at serves this much more than the mean rate: enough to drain, little enough to flatten peaks. */
const CAPACITY_OVER_MEAN = 1.25;

/**
 * What sending requests together, or letting them queue, would change. Groups and waits are computed over the arrivals as they were: windows
 * by counting, a queue by Lindley's recursion with Kingman's formula beside it, concurrency by Little's law and Allen and Cunneen.
 */
export function findBatching(
  table: UsageTable,
  options: BatchingOptions,
  tell: Tell = () => undefined,
): Outcome<Opportunities> {
  if (table.time === undefined) return needsTime(table);
  if (table.summedBy !== undefined) {
    const notKnowable = ['which requests arrive together, and how long they would wait'];
    return accept({ opportunities: [], knowable: [], notKnowable, missing: missingSingles(table) });
  }
  tell({ percent: 0, detail: 'grouping requests that arrive together' });
  const perModel = arrivalsByModel(table);
  const small = perModel.map((arrivals) =>
    arrivals.filter(({ index }) => tokensAt(table, index) <= options.smallTokens),
  );
  const groups = [
    ...grouping(table, 'group-small-requests', 'Group small requests that arrive together', small, options, true),
    ...grouping(table, 'group-all-requests', 'Group all requests that arrive together', perModel, options, false),
  ];
  tell({ percent: 60, detail: 'letting the requests queue' });
  return accept({
    opportunities: [...groups, ...queueing(table), ...findConcurrency(table)],
    knowable: [
      'how many requests arrive within a window, how many calls grouping them would save, and how long they would wait for it',
      'how evenly requests arrive, and how long they would wait in a queue of given capacity',
    ],
    notKnowable: [
      'which requests may wait: those of people usually may not, those of jobs usually may',
      ...(table.duration === undefined
        ? ['how long the model took: there is no column of durations, so nothing is said about concurrency']
        : []),
      'whether the provider charges less for batches',
    ],
    missing: [
      { what: 'a column that tells interactive requests from jobs', why: 'only requests that may wait can be grouped' },
      ...(table.duration === undefined
        ? [
            {
              what: 'a column of durations, such as latency_ms',
              why: 'with it concurrency and queueing at the model could be computed',
            },
          ]
        : []),
      ...(table.model === undefined
        ? [{ what: 'a model column', why: 'only requests to the same model can be grouped' }]
        : []),
    ],
  });
}

function grouping(
  table: UsageTable,
  id: string,
  title: string,
  perModel: Arrival[][],
  { windowMs, smallTokens }: BatchingOptions,
  onlySmall: boolean,
): Opportunity[] {
  const windows = perModel.flatMap((arrivals) => batchWindows(arrivals, windowMs));
  const shared = windows
    .filter(({ members }) => members.length > 1)
    .sort((a, b) => b.members.length - a.members.length);
  if (shared.length === 0) return [];
  const requests = sum(windows.map(({ members }) => members.length));
  const grouped = shared.flatMap(({ members }) => members.map(({ index }) => index));
  const waits = windows.flatMap(({ members, closesAt }) => members.map(({ at }) => closesAt - at));
  const saved = requests - windows.length;
  return [
    {
      id,
      title,
      numbers: {
        windowMs,
        ...(onlySmall ? { smallTokens } : {}),
        requests,
        requestsInGroups: grouped.length,
        calls: windows.length,
        callsSaved: saved,
        shareOfCallsSaved: share(saved, requests),
        largestGroup: shared[0]?.members.length ?? 0,
        meanAddedWaitMs: tidy(sum(waits) / waits.length),
      },
      rows: rowNumbers(table, grouped),
      rowsTotal: grouped.length,
      method:
        'a window opens with the first request and closes after windowMs; its requests (per model where known) go out as one call, ' +
        'each waiting until it closes. Rows are those of the largest groups first',
      because:
        'the times of all requests are known, so groups are counted over them instead of computed from a mean rate',
      certainty: 'upper bound',
    },
  ];
}

function queueing(table: UsageTable): Opportunity[] {
  const ordered = timeOrder(table);
  const first = ordered[0]?.at ?? 0;
  const spanMs = (ordered.at(-1)?.at ?? 0) - first;
  if (ordered.length < 3 || spanMs === 0) return [];
  const gaps = Float64Array.from(ordered.slice(1), ({ at }, position) => at - (ordered[position]?.at ?? at));
  const meanGap = spanMs / gaps.length;
  const gapVariation = variationOf(gaps);
  const serviceMs = meanGap / CAPACITY_OVER_MEAN;
  const unit = rateUnit(1 / meanGap);
  const waits = waitsInQueue(
    ordered.map(({ at }) => at),
    serviceMs,
  );
  const spread = quantilesOf(waits);
  const longest = Array.from(waits.keys())
    .filter((position) => (waits[position] ?? 0) > 0)
    .sort((a, b) => (waits[b] ?? 0) - (waits[a] ?? 0) || a - b)
    .map((position) => ordered[position]?.index ?? 0);
  return [
    {
      id: 'queue-peaks',
      title: 'Let requests that may wait queue through the peaks',
      numbers: {
        [perUnit('mean', unit)]: inUnit(1 / meanGap, unit),
        [perUnit('capacity', unit)]: inUnit(1 / serviceMs, unit),
        medianGapMs: quantilesOf(gaps).p50,
        gapVariation: tidy(gapVariation),
        meanWaitMs: spread.mean,
        p99WaitMs: spread.p99,
        maxWaitMs: spread.max,
        meanWaitMsByKingman: tidy(
          kingmanWait({ utilisation: 1 / CAPACITY_OVER_MEAN, gapVariation, serviceVariation: 0, serviceMs }),
        ),
        requestsThatWait: longest.length,
      },
      rows: rowNumbers(table, longest),
      rowsTotal: longest.length,
      method:
        `waiting times by Lindley's recursion at one queue with constant service and ${CAPACITY_OVER_MEAN} times the mean rate; ` +
        'gapVariation is the standard deviation of the gaps divided by their mean (1 = independent arrivals, more = bursts); ' +
        "meanWaitMsByKingman is what Kingman's formula says for gaps of that variation in any order",
      because:
        "the recursion follows the bursts as they were; Kingman's formula knows only their variation, and a large difference between the two says that " +
        'busy times cluster',
      certainty: 'estimate',
    },
  ];
}
