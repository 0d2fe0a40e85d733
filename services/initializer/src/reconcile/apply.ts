import type { InstanceKey, InstanceState, LedgerRecord } from '@reveille/contracts';
import {
  type Command,
  type Commit,
  type Ledger,
  leavesDependencies,
  type Reading,
  readingAfter,
  readingLater,
  type Refusal,
  transition,
  wakesAfter,
} from '@reveille/orchestration';

/** An instance as a commit left it, as true as one that was read at that moment (`at`: monotonic milliseconds). */
export type Known = { reading: Reading; at: number };

export type Applied =
  | ({ applied: true; before: Reading; record: LedgerRecord } & Known)
  /** Somebody was quicker (`conflict`), or the command does not apply. Read again and decide again. */
  | { applied: false; refused: Refusal['refused'] | 'conflict' };

/** Conflicts in a row before a command gives up: each means that somebody else went forward. */
const conflictBound = 20;

/** What else must happen once a change is committed. Every one of these is repaired by the sweep when it is lost. */
export type Aftermath = {
  /** Look at these: something that concerns them changed. */
  wake(instances: readonly InstanceKey[]): void;
  /** The instance needs its dependencies no more. */
  leave(instance: InstanceKey, dependencies: readonly InstanceKey[]): void;
  /** It may have left the queue, or ended. */
  free(before: InstanceState, after: LedgerRecord): void;
};

/** Decides and commits single commands; the only place of the initializer that writes to the ledger. */
export class Commands {
  readonly #ledger: Ledger;
  readonly #aftermath: Aftermath;

  constructor(ledger: Ledger, aftermath: Aftermath) {
    this.#ledger = ledger;
    this.#aftermath = aftermath;
  }

  /** On what was just read: one round trip, and a conflict is an answer. */
  applyTo(reading: Reading, command: Command): Promise<Applied> {
    return this.commit(reading, transition(reading, command));
  }

  /** What was decided on a reading, or why it does not apply: one round trip, and a conflict is an answer. */
  async commit(reading: Reading, commit: Commit | Refusal): Promise<Applied> {
    if ('refused' in commit) return { applied: false, refused: commit.refused };
    const result = await this.#ledger.commit(commit);
    if (!result.committed) return { applied: false, refused: 'conflict' };
    this.#follow(reading, commit.record);
    const after = readingAfter(reading, commit, result);
    return { applied: true, before: reading, record: commit.record, reading: after, at: performance.now() };
  }

  /** Reads first, and again after each conflict: for commands whose epoch or state already says whether they may. */
  async apply(instance: InstanceKey, command: Command): Promise<Applied> {
    let last: Applied = { applied: false, refused: 'conflict' };
    for (let round = 0; round < conflictBound; round++) {
      const [reading] = await this.#ledger.read([instance]);
      if (reading === undefined) throw new Error(`the ledger gave no reading of ${instance}`);
      last = await this.applyTo(reading, command);
      if (last.applied || last.refused !== 'conflict') return last;
    }
    return last;
  }

  /** On what the last commit left: one round trip, and a conflict means that it has to be read after all. */
  async applyFrom(known: Known, command: Extract<Command, { kind: 'progress' | 'ready' }>): Promise<Applied> {
    const result = await this.applyTo(readingLater(known.reading, performance.now() - known.at), command);
    return result.applied || result.refused !== 'conflict' ? result : this.apply(known.reading.instance, command);
  }

  #follow(before: Reading, after: LedgerRecord): void {
    const wakes = wakesAfter(before.record, after);
    if (wakes.length > 0) this.#aftermath.wake(wakes);
    if (leavesDependencies(before, after)) this.#aftermath.leave(after.instance, after.dependencies);
    this.#aftermath.free(before.record?.state ?? 'cold', after);
  }
}
