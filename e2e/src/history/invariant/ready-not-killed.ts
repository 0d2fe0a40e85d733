import { entriesOf, type HistoryEntry } from '../entry.ts';
import { LedgerView } from '../ledger-view.ts';

/** So long after the end of an initializer its processes may be told to end, whatever the ledger still says. Milliseconds. */
const parentDeathMs = 15_000;
/** Between a commit and its entry here. */
const slackMs = 200;

/** A service is told to end only when its generation is not ready any more, or with the initializer that it lives and dies with. */
export function readyNotKilled(history: readonly HistoryEntry[]): string[] {
  const ended = entriesOf(history, 'initializer_ended').map(({ at }) => at);
  return entriesOf(history, 'term').flatMap(({ at, service, instance, generation, pid }) => {
    if (ended.some((one) => at >= one - slackMs && at <= one + parentDeathMs)) return [];
    const ledger = new LedgerView();
    for (const entry of history) if (entry.at <= at + slackMs) ledger.take(entry);
    const record = ledger.record(instance);
    return record?.generation === generation && record.state === 'ready'
      ? [`${service} (process ${pid}) was told to end while its generation ${generation} was ready`]
      : [];
  });
}
