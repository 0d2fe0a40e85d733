import { randomUUID } from 'node:crypto';
import { hashOf, tooLarge } from '../table/build-table.ts';
import { accept, refuse, type Outcome } from '../table/refusal.ts';
import type { TableText } from '../work/job.ts';
import type { TableArgument } from './table-argument.ts';
import type { TableTexts } from './table-texts.ts';

/** Tables kept per session; the least recently used one goes first. A run works on one or two. */
const MOST_TABLES = 3;

/** Tables that one session has sent, so that several tools can work on one without sending it again. No other session can name them. */
export class SessionTables implements Disposable {
  /** Begins the keys of this session's tables. Nobody can guess it, and it never leaves the process. */
  readonly prefix = `${randomUUID()}/`;
  readonly #texts: TableTexts;
  /** Key by ref. */
  readonly #keys = new Map<string, string>();

  constructor(texts: TableTexts) {
    this.#texts = texts;
  }

  /** The text that is meant: sent now, or kept from before. Refused when it is too large, or when a `ref` names none of this session. */
  resolve(argument: TableArgument): Outcome<TableText> {
    if ('ref' in argument) {
      const key = this.#keys.get(argument.ref);
      const kept = key === undefined ? undefined : this.#texts.get(key);
      if (kept !== undefined) return accept(kept);
      return refuse(
        'unknown_table',
        `This session has no table with that ref (it keeps the last ${MOST_TABLES}). Send the table as content again.`,
        'a ref that describe_data returned in this session',
        argument.ref,
      );
    }
    const { content, format, name } = argument;
    const large = tooLarge(content);
    if (large !== undefined) return large;
    // The same text under another name, or read as another format, is another table.
    return accept({ key: `${this.prefix}${hashOf(content)}/${format ?? ''}/${name ?? ''}`, content, format, name });
  }

  /** Keeps a table that a tool could read. */
  keep(text: TableText): void {
    const ref = refOf(text.key);
    const before = this.#keys.get(ref);
    if (before !== undefined && before !== text.key) this.#texts.drop(before);
    if (this.#texts.get(text.key) === undefined) this.#texts.keep(text);
    this.#keys.delete(ref);
    this.#keys.set(ref, text.key);
    const [oldest] = this.#keys;
    if (this.#keys.size <= MOST_TABLES || oldest === undefined) return;
    this.#keys.delete(oldest[0]);
    this.#texts.drop(oldest[1]);
  }

  [Symbol.dispose](): void {
    for (const key of this.#keys.values()) this.#texts.drop(key);
    this.#keys.clear();
  }
}

/** The hash within a key; names may hold slashes, hashes and prefixes do not. */
function refOf(key: string): string {
  return key.split('/', 2)[1] ?? '';
}
