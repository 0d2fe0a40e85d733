import { entriesOf, type HistoryEntry } from '../entry.ts';

/** In the order of revisions each generation becomes ready once, after every older one has stopped taking sessions. */
export function oneReady(history: readonly HistoryEntry[]): string[] {
  const found: string[] = [];
  const commits = Map.groupBy(entriesOf(history, 'commit'), ({ entry }) => entry.record.instance);
  for (const [instance, own] of commits) {
    let readied = 0;
    let serving: number | undefined;
    const ordered = own.toSorted((a, b) => a.entry.record.revision - b.entry.record.revision);
    // An entry that a nemesis has copied is the same commit.
    const distinct = ordered.filter(
      ({ entry }, at) => entry.record.revision !== ordered[at - 1]?.entry.record.revision,
    );
    for (const { entry } of distinct) {
      const { generation, state } = entry.record;
      if (entry.change === 'ready') {
        if (generation === readied) found.push(`generation ${generation} of ${instance} was committed as ready twice`);
        if (generation < readied) found.push(`generation ${generation} of ${instance} became ready after ${readied}`);
        // A generation that an emptied ledger forgot has no commit that ends it; a higher one follows it all the same.
        if (serving !== undefined && serving !== generation && !emptiedSince(history, serving, instance))
          found.push(`generations ${serving} and ${generation} of ${instance} were ready at once`);
        readied = Math.max(readied, generation);
        serving = generation;
      } else if (generation === serving && state !== 'ready') serving = undefined;
    }
  }
  return found;
}

function emptiedSince(history: readonly HistoryEntry[], generation: number, instance: string): boolean {
  const readyAt = entriesOf(history, 'commit').find(
    ({ entry }) =>
      entry.change === 'ready' && entry.record.instance === instance && entry.record.generation === generation,
  )?.at;
  return entriesOf(history, 'emptied').some(({ at }) => at >= (readyAt ?? Infinity));
}
