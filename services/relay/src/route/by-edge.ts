import type { JournalEntry } from '@reveille/contracts';
import type { EdgeId, StampedEntry } from '@reveille/orchestration';

/** The entries that each interested edge must hear, in the order of the journal: one publish per edge, and none without interest. */
export function entriesByEdge(entries: readonly StampedEntry[]): Map<EdgeId, JournalEntry[]> {
  const byEdge = new Map<EdgeId, JournalEntry[]>();
  for (const { entry, edges } of entries) {
    for (const edge of new Set(edges)) {
      const list = byEdge.get(edge);
      if (list) list.push(entry);
      else byEdge.set(edge, [entry]);
    }
  }
  return byEdge;
}
