import { setTimeout as pause } from 'node:timers/promises';
import { journalEntry } from '@reveille/contracts';
import type { History } from '../history/history.ts';
import { eventually } from './eventually.ts';
import { type LedgerClient, ledgerClient } from './ledger-client.ts';

/** As `connectBroker` has it when nobody says otherwise. */
const partitions = 8;
const readEveryMs = 100;
const awayMs = 500;
/** How long a row waits at its end for what was committed at last. */
const catchUpMs = 5_000;
/** What a Redis says that is not there for the moment, in any shape. */
const away =
  /^(LOADING|MASTERDOWN|READONLY|UNBLOCKED|CLUSTERDOWN|TRYAGAIN|NOAUTH|Connection is closed|None of startup nodes|Failed to refresh slots|Too many Cluster redirections)/;

/** Reads every commit from the journals into a history, over a connection of its own that no fault of a row touches. */
export class LedgerTail implements AsyncDisposable {
  readonly #history: History;
  readonly #positions: Map<string, string>;
  readonly #redis: LedgerClient;
  readonly #done: Promise<void>;
  #rounds = 0;
  #ended = false;

  constructor(of: { url: string; namespace: string; history: History }) {
    this.#history = of.history;
    const journals = Array.from({ length: partitions }, (_, index) => `{${of.namespace}:p${index}}:journal`);
    this.#positions = new Map(journals.map((key) => [key, '0']));
    this.#redis = ledgerClient(of.url);
    this.#done = this.#read();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#redis.disconnect();
    await this.#done;
  }

  /** Resolves when all was read that was committed before; soon all the same when the ledger is away. */
  async caughtUp(): Promise<void> {
    // The round under way may have read some journals already.
    const enough = this.#rounds + 2;
    await eventually(() => this.#rounds >= enough, 'the ledger is away', catchUpMs).catch(() => undefined);
  }

  async #read(): Promise<void> {
    while (!this.#ended) {
      try {
        await Promise.all([...this.#positions].map(([journal, position]) => this.#readOnce(journal, position)));
        this.#rounds += 1;
        await pause(readEveryMs);
      } catch (error) {
        if (this.#ended) return;
        // What Redis says while it loads, or has no memory, is for those who write. A journal that is no journal is not.
        if (!away.test(String((error as Error).message))) throw error;
        await pause(awayMs);
      }
    }
  }

  async #readOnce(journal: string, position: string): Promise<void> {
    const found = await this.#redis.xread('STREAMS', journal, position);
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
