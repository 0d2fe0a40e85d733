import { buildTable } from '../table/build-table.ts';
import { accept, type Outcome } from '../table/refusal.ts';
import type { UsageTable } from '../table/usage-table.ts';
import type { TableText, Tell } from './job.ts';

/** Tables that one worker keeps read, and the size of their texts together (UTF-8 bytes); the least recently used one goes first. */
const MOST_TABLES = 4;
const MOST_BYTES = 24 * 1024 * 1024;

/** The tables that a worker has read, so that seven questions about one table read it once. */
export class ReadTables {
  readonly #tables = new Map<string, UsageTable>();

  get keys(): string[] {
    return [...this.#tables.keys()];
  }

  get(key: string): UsageTable | undefined {
    const table = this.#tables.get(key);
    if (table === undefined) return undefined;
    this.#tables.delete(key);
    this.#tables.set(key, table);
    return table;
  }

  read(text: TableText, tell: Tell): Outcome<UsageTable> {
    const built = buildTable(text, tell);
    if (!built.ok) return built;
    this.#tables.set(text.key, built.value);
    for (const key of this.#tables.keys()) {
      if (this.#fits() || key === text.key) break;
      this.#tables.delete(key);
    }
    return accept(built.value);
  }

  /** Drops what belongs to a session that has ended. */
  forget(prefix: string): void {
    for (const key of this.#tables.keys()) if (key.startsWith(prefix)) this.#tables.delete(key);
  }

  #fits(): boolean {
    const bytes = [...this.#tables.values()].reduce((all, table) => all + table.bytes, 0);
    return this.#tables.size <= MOST_TABLES && bytes <= MOST_BYTES;
  }
}
