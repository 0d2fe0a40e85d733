import { accept, refuse, type Outcome } from '../table/refusal.ts';
import { buildTable, hashOf } from '../table/build-table.ts';
import type { UsageTable } from '../table/usage-table.ts';
import type { TableArgument } from './table-argument.ts';

/** Tables kept per session; the least recently used one goes first. A run works on one or two. */
const MOST_TABLES = 3;

/** Tables that one session has sent, so that several tools can work on one without sending or reading it again. Never shared. */
export class TableCache {
  readonly #tables = new Map<string, UsageTable>();

  /** The table itself, read now or kept from before; refused when it is none, or when a `ref` names none of this session. */
  resolve(argument: TableArgument): Outcome<UsageTable> {
    if ('ref' in argument) {
      const known = this.#touch(argument.ref);
      if (known !== undefined) return accept(known);
      return refuse(
        'unknown_table',
        `This session has no table with that ref (it keeps the last ${MOST_TABLES}). Send the table as content again.`,
        'a ref that describe_data returned in this session',
        argument.ref,
      );
    }
    // The same text read as another format is another table.
    const known = argument.format === undefined ? this.#touch(hashOf(argument.content)) : undefined;
    if (known !== undefined && known.name === argument.name) return accept(known);
    const built = buildTable(argument);
    if (built.ok) this.#keep(built.value);
    return built;
  }

  #touch(ref: string): UsageTable | undefined {
    const table = this.#tables.get(ref);
    if (table === undefined) return undefined;
    this.#tables.delete(ref);
    this.#tables.set(ref, table);
    return table;
  }

  #keep(table: UsageTable): void {
    this.#tables.delete(table.ref);
    this.#tables.set(table.ref, table);
    const oldest = this.#tables.keys().next().value;
    if (this.#tables.size > MOST_TABLES && oldest !== undefined) this.#tables.delete(oldest);
  }
}
