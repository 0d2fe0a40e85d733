import type { JournalEntry } from '@reveille/contracts';
import type { Run, RunNote, RunsBy } from '../explain/run.ts';
import type { EdgeId } from './ledger.ts';

/** A journal entry with the edges that were interested when it was committed. */
export type StampedEntry = { id: string; partition: number; entry: JournalEntry; edges: readonly EdgeId[] };

/**
 * Entries that the journal lost to its bound before they were handled: `unread` by anybody, or `unacknowledged` by who took them, who may
 * have handled them still. `entries`: how many, where Redis says so (7 or newer).
 */
export type Trimmed = { partition: number; state: 'unread' | 'unacknowledged'; entries: number | undefined };

export interface Journal {
  /**
   * Reads as one consumer of the group of all relays, entries of dead consumers (2 s without an acknowledgement) included.
   * Entries are acknowledged when `onEntries` resolves; a rejection leaves them for another reading. `onTrimmed` is told, once over all
   * relays, of those that will never come.
   */
  consume(
    consumer: string,
    onEntries: (entries: readonly StampedEntry[]) => Promise<void>,
    onTrimmed?: (trimmed: readonly Trimmed[]) => Promise<void>,
  ): Promise<AsyncDisposable>;
}

/** Hands journal entries to single edges. Delivery is at most once and unordered: revisions order, re-reading heals. */
export interface Router {
  publish(edge: EdgeId, entries: readonly JournalEntry[]): Promise<void>;
  /** Tells an edge that changes for it may have been lost on their way to be routed. */
  publishGap(edge: EdgeId): Promise<void>;
  subscribe(edge: EdgeId, listener: RouterListener): Promise<AsyncDisposable>;
}

export interface RouterListener {
  onEntry(entry: JournalEntry): void;
  /**
   * Something may have been missed: read everything again. `silent`: a probe did not come, and what is subscribed was opened anew. `trimmed`:
   * the journal was trimmed before it was routed.
   */
  onGap(reason: 'recovered' | 'lag' | 'silent' | 'trimmed'): void;
}

/** What became of each generation and each initialization, bounded and expiring; and how long services took. */
export interface Timelines {
  /** Keeps entries, and which generation they make part of their initialization. */
  append(entries: readonly JournalEntry[]): Promise<void>;
  /**
   * The entries of one generation, oldest first. Of very many the first and the newest are kept: `keptBefore` says how many of these
   * are of the first.
   */
  read(instance: string, generation: number): Promise<{ entries: JournalEntry[]; keptBefore?: number }>;
  /** Claim to ready of the last starts (at most 50) of each service, milliseconds, newest first. */
  durations(services: readonly string[]): Promise<Map<string, number[]>>;
  /**
   * What an edge knows of initializations: who waits for them, and how they end. Resolves with the ids of those that were claimed by it
   * and by nobody before.
   */
  note(notes: readonly RunNote[]): Promise<ReadonlySet<string>>;
  /** Undefined for one that nobody has noted (any more). */
  run(initialization: string): Promise<Run | undefined>;
  /** Ids of initializations, the newest first. */
  runs(by: RunsBy, limit: number): Promise<string[]>;
}
