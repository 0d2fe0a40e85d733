import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What services wrote down about themselves. */
export type HistoryEntry = { service: string; generation: number; pid: number } & (
  { did: 'start' } | { did: 'emit'; hash: string }
);

export function historyIn(dir: string): HistoryEntry[] {
  const file = join(dir, 'history.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  // What follows the last line end is still being written.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as HistoryEntry);
}

/** Process ids of the starts of a service, oldest first. */
export function startsOf(service: string, dir: string): number[] {
  return historyIn(dir).flatMap((entry) => (entry.did === 'start' && entry.service === service ? [entry.pid] : []));
}

/** What of these data no service said. */
export function unsaid<T>(data: readonly T[], dir: string): T[] {
  const said = new Set(historyIn(dir).flatMap((entry) => (entry.did === 'emit' ? [entry.hash] : [])));
  return data.filter((one) => !said.has(createHash('sha256').update(JSON.stringify(one)).digest('hex')));
}
