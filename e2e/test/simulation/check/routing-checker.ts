import type { JournalEntry } from '@reveille/contracts';
import type { StampedEntry } from '@reveille/orchestration';
import type { Faults } from './faults.ts';

/**
 * 5: each change is published once to each edge that was interested in it, and to no other, for each time that the journal handed it out:
 * a relay that died, stood still or was cut off in between leaves its entries to another.
 */
export class RoutingChecker {
  readonly #faults: Faults;
  /** By relay: what it is handling, and what it has published of that. */
  readonly #inHand = new Map<string, Handling[]>();

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  handed(relay: string, entries: readonly StampedEntry[]): void {
    const handling = { entries, published: new Map<string, number>() };
    this.#inHand.set(relay, [...(this.#inHand.get(relay) ?? []), handling]);
  }

  published(relay: string, edge: string, entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      const handling = this.#inHand
        .get(relay)
        ?.find(({ entries: mine, published }) =>
          mine.some((one) => one.entry === entry && (published.get(`${one.id} ${edge}`) ?? 0) === 0),
        );
      const stamped = handling?.entries.find((one) => one.entry === entry);
      const what = `${entry.change} of ${entry.record.instance}`;
      if (handling === undefined || stamped === undefined)
        return this.#faults.add(`${relay} published "${what}" to ${edge} twice`);
      if (!stamped.edges.includes(edge)) this.#faults.add(`${relay} published "${what}" to ${edge}, which wants none`);
      handling.published.set(`${stamped.id} ${edge}`, 1);
      this.#faults.count('published');
    }
  }

  routed(relay: string, entries: readonly StampedEntry[]): void {
    const all = this.#inHand.get(relay) ?? [];
    const handling = all.find((one) => one.entries === entries);
    for (const { id, entry, edges } of entries)
      for (const edge of edges)
        if (!handling?.published.has(`${id} ${edge}`))
          this.#faults.add(`${relay} left out ${edge} for "${entry.change}" of ${entry.record.instance}`);
    this.#inHand.set(
      relay,
      all.filter((one) => one !== handling),
    );
  }
}

type Handling = { readonly entries: readonly StampedEntry[]; readonly published: Map<string, number> };
