import { journalEntry } from '@reveille/contracts';
import { Redis } from 'ioredis';
import type { History } from '../history/history.ts';

/** As `connectBroker` has it when nobody says otherwise. */
const partitions = 8;
const blockMs = 500;

/** Reads every commit from the journals into a history, over a connection of its own that no fault of a row touches. */
export class LedgerTail implements AsyncDisposable {
  readonly #history: History;
  readonly #positions: Map<string, string>;
  readonly #redis: Redis;
  readonly #done: Promise<void>;
  #ended = false;

  constructor(of: { port: number; namespace: string; history: History }) {
    this.#history = of.history;
    const journals = Array.from({ length: partitions }, (_, index) => `{${of.namespace}:p${index}}:journal`);
    this.#positions = new Map(journals.map((key) => [key, '0']));
    this.#redis = new Redis({ host: '127.0.0.1', port: of.port, maxRetriesPerRequest: null, retryStrategy: () => 50 });
    // Redis is away as often as a row wants it; the connection returns by itself.
    this.#redis.on('error', () => undefined);
    this.#done = this.#read();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#redis.disconnect();
    await this.#done;
  }

  async #read(): Promise<void> {
    while (!this.#ended) {
      try {
        await this.#readOnce();
      } catch (error) {
        if (this.#ended) return;
        // What Redis says while it loads, or has no memory, is for those who write. A journal that is no journal is not.
        if (!/^(LOADING|MASTERDOWN|READONLY|UNBLOCKED|Connection is closed)/.test(String((error as Error).message)))
          throw error;
        await new Promise((resolve) => setTimeout(resolve, blockMs));
      }
    }
  }

  async #readOnce(): Promise<void> {
    const found = await this.#redis.xread(
      'BLOCK',
      blockMs,
      'STREAMS',
      ...this.#positions.keys(),
      ...this.#positions.values(),
    );
    for (const [key, entries] of found ?? []) {
      for (const [id, fields] of entries) {
        this.#positions.set(key, id);
        const parsed = journalEntry.safeParse(JSON.parse(fields[fields.indexOf('entry') + 1] ?? ''));
        // Rows write entries of their own, to see what becomes of them.
        if (parsed.success) this.#history.note({ did: 'commit', entry: parsed.data }, parsed.data.at);
      }
    }
  }
}
