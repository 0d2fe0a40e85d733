import type { Opportunity } from '../results/figures.ts';
import type { UsageTable } from '../table/usage-table.ts';
import { quantilesOf } from './quantiles.ts';
import { allenCunneenWait, variationOf } from './queueing-theory.ts';
import { rowNumbers } from './rows.ts';
import { sum, tidy } from './sum.ts';
import { timeOrder } from './time-order.ts';

/** A mean wait of this share of the mean duration is called short. */
const SHORT_WAIT = 0.1;
/** Beyond so many slots the question is not one of a table any more. */
const MOST_SLOTS = 100_000;

/** How many requests are under way at once, and how many slots would serve them with short waits. Nothing without a column of durations. */
export function findConcurrency(table: UsageTable): Opportunity[] {
  const { duration } = table;
  if (duration === undefined) return [];
  const known = timeOrder(table).filter(({ index }) => !Number.isNaN(duration[index] ?? Number.NaN));
  const spanMs = (known.at(-1)?.at ?? 0) - (known[0]?.at ?? 0);
  if (known.length < 3 || spanMs === 0) return [];
  const durations = Float64Array.from(known, ({ index }) => duration[index] ?? 0);
  const { mean, p99 } = quantilesOf(durations);
  if (mean === 0) return [];
  const gaps = Float64Array.from(known.slice(1), ({ at }, position) => at - (known[position]?.at ?? at));
  const load = sum(durations) / spanMs;
  const gapVariation = variationOf(gaps);
  const waitAt = (servers: number): number =>
    allenCunneenWait({ servers, load, gapVariation, serviceVariation: variationOf(durations), serviceMs: mean });
  let slots = Math.floor(load) + 1;
  while (slots < MOST_SLOTS && waitAt(slots) > SHORT_WAIT * mean) slots += 1;
  const peak = peakOf(known, durations);
  return [
    {
      id: 'concurrency',
      title: 'Choose how many requests run at once by what they need',
      numbers: {
        requests: known.length,
        meanConcurrent: tidy(load),
        peakConcurrent: peak.most,
        meanDurationMs: mean,
        p99DurationMs: p99,
        gapVariation: tidy(gapVariation),
        slots,
        utilisation: tidy(load / slots),
        meanWaitMs: tidy(waitAt(slots)),
      },
      rows: rowNumbers(table, peak.indexes),
      rowsTotal: peak.indexes.length,
      method:
        "mean by Little's law (arrival rate × mean duration), peak by counting; slots are the fewest at which the mean wait by the approximation of " +
        `Allen and Cunneen (Erlang's C with the variation of gaps and durations) is at most ${SHORT_WAIT * 100} % of the mean duration. Rows are those under way at the peak`,
      because: 'the file has a column of durations, so requests under way can be counted instead of guessed',
      certainty: 'estimate',
    },
  ];
}

/** The most requests under way at one moment, and which they are; one that ends as another begins makes room for it. */
function peakOf(
  known: readonly { index: number; at: number }[],
  durations: Float64Array,
): { most: number; indexes: number[] } {
  const ends = known.map(({ at }, position) => at + (durations[position] ?? 0)).sort((a, b) => a - b);
  let ended = 0;
  let most = 0;
  let atMs = 0;
  for (const [position, { at }] of known.entries()) {
    while ((ends[ended] ?? Infinity) <= at && ended < position) ended += 1;
    if (position + 1 - ended > most) {
      most = position + 1 - ended;
      atMs = at;
    }
  }
  const underWay = known.filter(({ at }, position) => at <= atMs && at + (durations[position] ?? 0) > atMs);
  return { most, indexes: underWay.map(({ index }) => index) };
}
