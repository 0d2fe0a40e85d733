import type { JournalEntry } from '@reveille/contracts';

/** How long the start took that an entry reports, claim to ready (ms); undefined for every other entry. */
export function startDuration(entry: JournalEntry): { readyAt: number; ms: number } | undefined {
  const { claimedAt, readyAt } = entry.record.timings;
  if (entry.change !== 'ready' || claimedAt === undefined || readyAt === undefined) return undefined;
  return { readyAt, ms: Math.max(0, readyAt - claimedAt) };
}
