import type { ServiceName } from '@reveille/contracts';
import type { CliContext } from '../cli/context.ts';
import { CliRefusal } from '../cli/refusal.ts';
import { findLedger, type LedgerOptions, openLedger } from '../ledger/open-ledger.ts';

/** How long services took to start lately, or why nobody knows. */
export type History = { known: true; medians: ReadonlyMap<string, number> } | { known: false; why: string };

/** Reads the last starts of these services from the ledger, when there is one. */
export async function readHistory(
  services: readonly ServiceName[],
  options: LedgerOptions,
  context: CliContext,
): Promise<History> {
  if ((await findLedger(options, context)) === undefined)
    return { known: false, why: 'no Redis is known (REDIS_URL is not set and no `reveille dev` is running)' };
  try {
    await using broker = await openLedger(options, context);
    const durations = await broker.timelines.durations(services);
    const medians = services.flatMap((service): [string, number][] => {
      const median = medianOf(durations.get(service) ?? []);
      return median === undefined ? [] : [[service, median]];
    });
    return medians.length === 0
      ? { known: false, why: 'none of these services has been started yet' }
      : { known: true, medians: new Map(medians) };
  } catch (error) {
    // A plan is worth showing without its times.
    if (error instanceof CliRefusal) return { known: false, why: error.message };
    throw error;
  }
}

/** The upper median, as the edge tells it to waiting users. */
function medianOf(durations: readonly number[]): number | undefined {
  return durations.toSorted((one, other) => one - other)[Math.floor(durations.length / 2)];
}
