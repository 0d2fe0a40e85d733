import type { Failure, InstanceKey, JournalEntry, LedgerRecord } from '@reveille/contracts';
import { type Phase, phaseOf } from './phase.ts';

/** One claim of a generation and how it ended. `abandoned`: its initializer died or was cut off, and another one took over. */
export type TimelineAttempt = {
  generation: number;
  attempt: number;
  from: number;
  to: number;
  epoch: number;
  owner?: string;
  outcome: 'ready' | 'failed' | 'let_go' | 'cancelled' | 'abandoned' | 'under_way';
  failure?: Failure;
};

/** One generation from wanted to its first end, without gaps: each phase begins where the one before it ended. */
export type InstanceTimeline = {
  instance: InstanceKey;
  generation: number;
  phases: Phase[];
  attempts: TimelineAttempt[];
  outcome: 'ready' | 'failed' | 'cancelled' | 'under_way';
  from: number;
  /** When it was ready, or ended otherwise; `now` while it is under way. */
  to: number;
  /** Of one that was started more than once in a run: when each generation began and was ready or ended, the oldest first. */
  spans?: { from: number; to: number }[];
  failure?: Failure;
  /** What is wrong with what was kept, in words. */
  notes: string[];
};

/** Phases kept of one generation: what comes beyond is one phase together. */
export const phasesLimit = 100;

/**
 * What became of one generation, from its journal entries in order of their revisions. Entries that are missing leave no hole, times
 * that go backwards leave no negative phase: both are noted.
 * @param now of the reading, epoch ms: the end of what has not ended
 * @param keptBefore how many of the entries lie before the ones that were dropped; absent when none were
 */
export function instanceTimeline(
  entries: readonly JournalEntry[],
  now: number,
  keptBefore?: number,
): InstanceTimeline | undefined {
  const [first] = entries;
  if (first === undefined) return undefined;
  const building = new Building(first);
  for (const [index, entry] of entries.entries()) {
    if (index === keptBefore) building.gap(entry);
    building.take(entry);
    if (building.over) break;
  }
  return building.finish(now);
}

class Building {
  readonly #timeline: InstanceTimeline;
  #open: Phase;
  /** From when on the queue counts, when a back-off comes first. */
  #notBefore: number | undefined;
  #at: number;
  #backwards = 0;
  #percent = { label: '', value: 0, fell: false };
  over = false;

  constructor({ at, record }: JournalEntry) {
    const { instance, generation, timings } = record;
    const from = Math.min(at, timings.wantedAt ?? at);
    this.#at = from;
    this.#open = { kind: 'unattributed', label: 'on its way into the ledger', attempt: 0, from, to: from };
    this.#timeline = {
      instance,
      generation,
      phases: [],
      attempts: [],
      outcome: 'under_way',
      from,
      to: from,
      notes: [],
    };
  }

  take({ at: committedAt, change, record }: JournalEntry): void {
    // Of a generation that is ready for long, only a later entry may be kept.
    const at = record.state === 'ready' ? Math.min(committedAt, record.timings.readyAt ?? committedAt) : committedAt;
    if (at < this.#at) this.#backwards += 1;
    this.#at = Math.max(this.#at, at);
    this.#attempt(change, record);
    this.#watchPercent(record);
    const phase = phaseOf(record);
    if (phase !== undefined) return this.#enter({ ...phase, attempt: record.attempt }, record);
    if (record.state === 'cold' && change === 'joined') return;
    this.over = true;
    this.#close();
    this.#timeline.outcome = record.state === 'ready' ? 'ready' : record.state === 'failed' ? 'failed' : 'cancelled';
    if (record.failure !== undefined) this.#timeline.failure = record.failure;
  }

  /** Some entries before this one were not kept. */
  gap({ record }: JournalEntry): void {
    this.#timeline.notes.push('it said more than is kept: what lies in the middle is missing');
    this.#enter({ kind: 'unattributed', label: 'not kept', attempt: record.attempt }, record);
  }

  finish(now: number): InstanceTimeline {
    const timeline = this.#timeline;
    if (!this.over) {
      this.#at = Math.max(this.#at, now);
      this.#open.unfinished = true;
      this.#close();
      this.#endAttempt('under_way');
    }
    timeline.to = this.#at;
    if (this.#backwards > 0) timeline.notes.push(`the clock went backwards ${times(this.#backwards)}`);
    if (this.#percent.fell) timeline.notes.push('its progress went backwards');
    bound(timeline);
    return timeline;
  }

  #enter(phase: Pick<Phase, 'kind' | 'label' | 'detail' | 'attempt'>, record: LedgerRecord): void {
    const open = this.#open;
    if (open.kind === phase.kind && open.label === phase.label && open.attempt === phase.attempt) {
      if (open.detail === undefined && phase.detail !== undefined) open.detail = phase.detail;
      return;
    }
    this.#close();
    this.#open = { ...phase, from: this.#at, to: this.#at };
    this.#notBefore = record.state === 'queued' ? record.notBefore : undefined;
  }

  #close(): void {
    const open = { ...this.#open, to: this.#at };
    const turnsAt = Math.min(Math.max(this.#notBefore ?? open.from, open.from), open.to);
    const backoff: Phase = { ...open, kind: 'backoff', label: 'backoff', to: turnsAt };
    for (const phase of [backoff, { ...open, from: turnsAt }])
      if (phase.to > phase.from) this.#timeline.phases.push(phase);
    this.#notBefore = undefined;
  }

  #attempt(change: JournalEntry['change'], record: LedgerRecord): void {
    const { attempts } = this.#timeline;
    if (change === 'claimed') {
      this.#endAttempt('abandoned');
      const owner = record.owner === undefined ? {} : { owner: record.owner };
      attempts.push({
        generation: record.generation,
        attempt: record.attempt,
        epoch: record.epoch,
        from: this.#at,
        to: this.#at,
        outcome: 'under_way',
        ...owner,
      });
      return;
    }
    if (change === 'attempt_failed' || change === 'failed') this.#endAttempt('failed', record.failure);
    else if (record.state === 'ready') this.#endAttempt('ready');
    else if (record.state === 'queued' || record.state === 'waiting') this.#endAttempt('let_go');
    else if (record.state !== 'starting') this.#endAttempt('cancelled');
  }

  #endAttempt(outcome: TimelineAttempt['outcome'], failure?: Failure): void {
    const last = this.#timeline.attempts.at(-1);
    if (last?.outcome !== 'under_way') return;
    last.outcome = outcome;
    last.to = this.#at;
    if (failure !== undefined) last.failure = failure;
  }

  #watchPercent({ progress, attempt }: LedgerRecord): void {
    if (progress?.percent === undefined) return;
    const label = `${attempt} ${progress.phase}`;
    if (label === this.#percent.label && progress.percent < this.#percent.value) this.#percent.fell = true;
    this.#percent = { ...this.#percent, label, value: progress.percent };
  }
}

/** A service that invents phases gets no more room than others. */
function bound(timeline: InstanceTimeline): void {
  const beyond = timeline.phases.splice(phasesLimit);
  const [first] = beyond;
  const last = beyond.at(-1);
  if (first === undefined || last === undefined) return;
  const { attempt, from } = first;
  timeline.phases.push({ kind: 'unattributed', label: `${beyond.length} more phases`, attempt, from, to: last.to });
  timeline.notes.push(`it reported more than ${phasesLimit} phases: the last ${beyond.length} are shown as one`);
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** When it was ready or had ended, as one saw it who waited for it until `until`: of the newest generation that had begun by then. */
export function endBefore({ spans, to }: Pick<InstanceTimeline, 'spans' | 'to'>, until: number): number {
  const begun = spans?.findLast(({ from }) => from < until) ?? spans?.[0];
  return begun?.to ?? to;
}
