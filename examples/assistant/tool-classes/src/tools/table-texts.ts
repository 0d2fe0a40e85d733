import type { TableText } from '../work/job.ts';

/** Texts kept for all sessions together, in UTF-8 bytes. Beyond it the least recently used goes first, and its session sends it again. */
const MOST_BYTES = 256 * 1024 * 1024;

/** The texts of the tables that sessions have sent, so that any worker can read one at any time. Bounded over all sessions. */
export class TableTexts {
  readonly #mostBytes: number;
  readonly #texts = new Map<string, { text: TableText; bytes: number }>();
  #bytes = 0;

  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): TableText | undefined {
    const kept = this.#texts.get(key);
    if (kept === undefined) return undefined;
    this.#texts.delete(key);
    this.#texts.set(key, kept);
    return kept.text;
  }

  keep(text: TableText): void {
    this.drop(text.key);
    const bytes = Buffer.byteLength(text.content, 'utf8');
    this.#texts.set(text.key, { text, bytes });
    this.#bytes += bytes;
    for (const key of this.#texts.keys()) {
      if (this.#bytes <= this.#mostBytes || key === text.key) break;
      this.drop(key);
    }
  }

  drop(key: string): void {
    const kept = this.#texts.get(key);
    if (kept === undefined) return;
    this.#texts.delete(key);
    this.#bytes -= kept.bytes;
  }
}
