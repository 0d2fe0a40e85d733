import { readFile } from 'node:fs/promises';
import type { UpstreamSession } from '@reveille/service-kit';

export type Keyword = { word: string; count: number };

const most = 5;

/** Tells people what their texts are about: the words that they use most, but those that everybody uses. */
export class Keywords {
  readonly #stopWords: ReadonlySet<string>;
  #answering = 0;

  private constructor(stopWords: ReadonlySet<string>) {
    this.#stopWords = stopWords;
  }

  static async read(): Promise<Keywords> {
    const text = await readFile(new URL('../stop-words.txt', import.meta.url), 'utf8');
    return new Keywords(new Set(text.split(/\s+/)));
  }

  /** Whether somebody is being answered. */
  get busy(): boolean {
    return this.#answering > 0;
  }

  /** Answers each message of a session, as long as the session lasts. */
  async serve(session: UpstreamSession): Promise<void> {
    for await (const { id, data } of session.messages) {
      this.#answering += 1;
      try {
        await session.emit({ keywords: this.of(String(data)) }, { re: id, final: true });
      } finally {
        this.#answering -= 1;
      }
    }
  }

  of(text: string): Keyword[] {
    const counts = new Map<string, number>();
    for (const [word] of text.toLowerCase().matchAll(/\p{L}+/gu))
      if (!this.#stopWords.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
    return [...counts]
      .map(([word, count]) => ({ word, count }))
      .toSorted((a, b) => b.count - a.count)
      .slice(0, most);
  }
}
