import type { JournalEntry } from '@reveille/contracts';
import type { EdgeId, Journal, StampedEntry, Trimmed } from '@reveille/orchestration';
import type { MemoryClock } from './memory-clock.ts';
import type { MemoryProcess } from './memory-process.ts';
import type { MemoryTransport } from './transport.ts';

const batchSize = 128;
/** An entry that was not acknowledged for so long is given to another consumer (ms). */
const claimAfterMs = 2000;

type Consumer = {
  name: string;
  process: MemoryProcess;
  onEntries: (entries: readonly StampedEntry[]) => Promise<void>;
  onTrimmed: Parameters<Journal['consume']>[2];
  busy: boolean;
  ended: boolean;
};

/** The journal and its one group. Entries wait for a consumer, are in the hands of one, or are done. */
export class MemoryStreams {
  readonly #clock: MemoryClock;
  readonly #transport: MemoryTransport;
  readonly #consumers: Consumer[] = [];
  #waiting: StampedEntry[] = [];
  #inHand = new Map<string, StampedEntry>();
  /** What no consumer was there to be told of. */
  #untold: Trimmed[] = [];
  #lastId = 0;

  constructor(clock: MemoryClock, transport: MemoryTransport) {
    this.#clock = clock;
    this.#transport = transport;
  }

  append(partition: number, entry: JournalEntry, edges: readonly EdgeId[]): void {
    this.#waiting.push({ id: `${++this.#lastId}-0`, partition, entry, edges });
    queueMicrotask(() => this.#pump());
  }

  join(of: Pick<Consumer, 'name' | 'process' | 'onEntries' | 'onTrimmed'>): () => void {
    const { process } = of;
    const consumer: Consumer = { ...of, busy: false, ended: false };
    this.#consumers.push(consumer);
    const stopListening = process.onReturn(() => this.#pump());
    queueMicrotask(() => this.#pump());
    return () => {
      stopListening();
      consumer.ended = true;
      this.#consumers.splice(this.#consumers.indexOf(consumer), 1);
    };
  }

  clear(): void {
    this.#waiting = [];
    this.#inHand = new Map();
    this.#untold = [];
  }

  /** What a replica has now; called, what was not acknowledged there is given again. */
  copy(): () => void {
    const unhandled = [...this.#inHand.values(), ...this.#waiting];
    return () => {
      this.#waiting = [...unhandled];
      this.#inHand = new Map();
      this.#pump();
    };
  }

  /** Its bound is reached, and what nobody has handled is lost: told to one consumer, or to nobody when that one fails. @returns how many entries */
  trim(): number {
    const lost = { unread: this.#waiting, unacknowledged: [...this.#inHand.values()] };
    this.#waiting = [];
    this.#inHand = new Map();
    for (const state of ['unread', 'unacknowledged'] as const)
      for (const partition of new Set(lost[state].map((one) => one.partition))) {
        const entries = lost[state].filter((one) => one.partition === partition).length;
        this.#untold.push({ partition, state, entries });
      }
    this.#pump();
    return lost.unread.length + lost.unacknowledged.length;
  }

  #pump(): void {
    this.#tell();
    while (this.#waiting.length > 0) {
      const free = this.#consumers.findIndex((consumer) => !consumer.busy && consumer.process.reaches);
      const [consumer] = free === -1 ? [] : this.#consumers.splice(free, 1);
      if (consumer === undefined) return;
      this.#consumers.push(consumer);
      this.#give(consumer, this.#waiting.splice(0, batchSize));
    }
  }

  #tell(): void {
    const consumer = this.#consumers.find(({ process }) => process.reaches);
    if (this.#untold.length === 0 || consumer === undefined) return;
    void consumer.onTrimmed?.(this.#untold.splice(0)).catch(() => undefined);
  }

  #give(consumer: Consumer, entries: StampedEntry[]): void {
    for (const entry of entries) this.#inHand.set(entry.id, entry);
    consumer.busy = true;
    this.#clock.after(claimAfterMs, () => this.#claim(consumer, entries));
    this.#transport({ kind: 'journal', consumer: consumer.name, entries }, () => {
      if (!consumer.ended) void this.#handle(consumer, entries);
    });
  }

  async #handle(consumer: Consumer, entries: readonly StampedEntry[]): Promise<void> {
    const handled = await consumer.onEntries(entries).then(
      () => true,
      () => false,
    );
    if (handled && consumer.process.reaches) for (const { id } of entries) this.#inHand.delete(id);
    consumer.busy = false;
    this.#pump();
  }

  /** Not acknowledged in time: lost on the way, refused, in the hands of somebody slow, or of somebody dead. */
  #claim(consumer: Consumer, entries: readonly StampedEntry[]): void {
    const left = entries.filter(({ id }) => this.#inHand.delete(id));
    consumer.busy = false;
    this.#waiting.unshift(...left);
    this.#pump();
  }
}
