import type { HistoryEntry } from '../entry.ts';
import { LedgerView } from '../ledger-view.ts';

/** The reap deadline (`reapDeadlineMs`), and what a busy machine and the pause between two looks add. Milliseconds. */
const boundMs = 30_000 + 10_000;

/** Nothing that no record claims runs longer than the reap deadline, not counting the time in which the ledger is away. */
export function owned(history: readonly HistoryEntry[]): string[] {
  const found = new Set<string>();
  const ledger = new LedgerView();
  const unownedSince = new Map<number, number>();
  let away = false;
  for (const entry of history) {
    ledger.take(entry);
    if (entry.did === 'ledger_away') away = true;
    if (entry.did === 'ledger_back') [away] = [false, unownedSince.clear()];
    if (entry.did !== 'look' || away) continue;
    const unowned = entry.runs.filter((run) => !ledger.claims(run));
    for (const pid of unownedSince.keys()) if (!unowned.some((run) => run.pid === pid)) unownedSince.delete(pid);
    for (const { pid, instance, generation } of unowned) {
      const since = unownedSince.get(pid) ?? entry.at;
      unownedSince.set(pid, since);
      if (entry.at - since > boundMs)
        found.add(`generation ${generation} of ${instance} (process ${pid}) ran unowned for more than ${boundMs} ms`);
    }
  }
  return [...found];
}
