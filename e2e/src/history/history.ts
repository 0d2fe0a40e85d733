import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryEntry, ServiceEntry, UserEntry, WorldEntry } from './entry.ts';

/** Where the services of a world write: each line one entry, appended in one write. */
export const historyFile = 'history.jsonl';

/** A history that was kept: a line of JSON each. */
export function readHistory(text: string): HistoryEntry[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as HistoryEntry);
}

/** All that happened in a world: what its services wrote themselves, and what was seen and done from outside. */
export class History {
  readonly #file: string;
  readonly #seen: HistoryEntry[] = [];

  constructor(dir: string) {
    this.#file = join(dir, historyFile);
  }

  note(entry: UserEntry | WorldEntry, at = Date.now()): void {
    this.#seen.push({ at, ...entry });
  }

  /** What services wrote so far. */
  written(): (ServiceEntry & { at: number })[] {
    if (!existsSync(this.#file)) return [];
    const lines = readFileSync(this.#file, 'utf8').split('\n');
    // What follows the last line end is still being written.
    return lines.slice(0, -1).map((line) => JSON.parse(line) as ServiceEntry & { at: number });
  }

  /** In the order of time; at the same moment services come first, for they write before they act. */
  all(): HistoryEntry[] {
    return [...this.written(), ...this.#seen].toSorted((a, b) => a.at - b.at);
  }
}
