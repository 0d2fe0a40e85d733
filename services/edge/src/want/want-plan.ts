import type { Failure, FailureCode, InitializationReason, LedgerRecord } from '@reveille/contracts';
import { raceAbort, sleep } from '@reveille/lifecycle';
import { BrokerUnavailable } from '@reveille/orchestration';
import { newTraceparent, traceIdOf } from '@reveille/telemetry';
import type { Initialization } from '../deliver/initialization.ts';
import type { Member } from '../deliver/member.ts';
import type { PlanGroup } from '../deliver/plan-group.ts';
import { plannedOf } from '../deliver/plan-knowledge.ts';
import type { EdgeTimings } from '../timings.ts';
import { mayBegin } from '../upstream/provenance.ts';
import { type Caller, openUpstream } from '../upstream/open-upstream.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { deadlineFailure, ownFailure } from './own-failure.ts';

/** Who wants a plan. */
export type Wanting = Member &
  Caller & {
    readonly group: PlanGroup;
    /** Resolves at the next `settled` or `targetChanged`. */
    nextChange(): Promise<void>;
  };

/** Why a wait is given up: the reason of its signal. Any other reason means that the session is over. */
export class GaveUp extends Error {
  override readonly name = 'GaveUp';
  readonly why: 'deadline' | 'cancelled';
  constructor(why: 'deadline' | 'cancelled') {
    super(`the wait was given up: ${why}`);
    this.why = why;
  }
}

/** `initialization`: absent when the user was told of none. */
export type Reached = { readonly initialization: Initialization | undefined; readonly traceId: string } & (
  | { readonly outcome: 'connected'; readonly upstream: Upstream }
  | { readonly outcome: 'failed'; readonly failure: Failure; readonly retryAfterMs: number }
);

export type WantOptions = {
  /** What the user is told when something turns out not to be ready. */
  reason: InitializationReason;
  /** Ends the wait: `GaveUp`, or that the session is over. */
  giveUp: AbortSignal;
  timings: EdgeTimings;
};

/**
 * Interest in, records out: until an upstream of the ready target is open, or it is clear that there will be none. Ends at
 * the latest when `giveUp` aborts; after a failure the interest is gone, so that nothing restarts until somebody asks.
 * @throws the reason of `giveUp` when the session is over
 */
export async function wantPlan(wanting: Wanting, options: WantOptions): Promise<Reached> {
  const attempt = new Attempt(wanting, options);
  let reached: Reached | undefined;
  try {
    return (reached = await attempt.reach());
  } catch (error) {
    reached = attempt.failureOf(error);
    if (reached === undefined) throw error;
    return reached;
  } finally {
    attempt.waited(reached);
    wanting.group.stopWaiting(wanting);
  }
}

/** A cooldown that ends within this is waited for when the user asked to try again: clocks differ a little. */
const residualMs = 500;

class Attempt {
  readonly #wanting: Wanting;
  readonly #options: WantOptions;
  readonly #group: PlanGroup;
  /** The trace of a user who finds everything ready. */
  readonly #warm = newTraceparent();
  #initialization: Initialization | undefined;
  #waited: ((outcome: string) => void) | undefined;
  #pauseMs: number;

  constructor(wanting: Wanting, options: WantOptions) {
    this.#wanting = wanting;
    this.#options = options;
    this.#group = wanting.group;
    this.#pauseMs = options.timings.connectBackoffMs;
  }

  async reach(): Promise<Reached> {
    const { giveUp } = this.#options;
    if (this.#group.isPaused) return this.#own('maintenance', 'It is paused by an operator.');
    const cooling = this.#group.freshFailure();
    if (cooling !== undefined && !this.#isResidual(cooling)) return this.#failed(cooling.failure, cooling.retryAfterMs);
    await raceAbort(this.#group.enter(this.#wanting), giveUp);
    for (;;) {
      giveUp.throwIfAborted();
      const changed = this.#wanting.nextChange();
      const status = this.#group.knowledge.statusIn(this.#initialization?.id);
      switch (status.status) {
        case 'failed':
          if (!this.#isResidual(status)) return this.#failed(status.failure, status.retryAfterMs);
          await sleep(status.retryAfterMs + 1, giveUp);
          break;
        case 'ready': {
          const reached = await this.#connect(status.target, changed);
          if (reached !== undefined) return reached;
          break;
        }
        case 'initializing':
          this.#tell(this.#options.reason);
          await raceAbort(changed, giveUp);
      }
    }
  }

  /** The wait that the user was told of is over; without `reached` because the session is. */
  waited(reached: Reached | undefined): void {
    if (reached === undefined) this.#waited?.('left');
    else this.#waited?.(reached.outcome === 'connected' ? 'connected' : reached.failure.code);
  }

  /** What an error means to the user; undefined when it is none of the expected ones. The interest ends in any case. */
  failureOf(error: unknown): Reached | undefined {
    if (error instanceof BrokerUnavailable) return this.#own('broker_unavailable', 'The ledger did not answer.');
    if (!(error instanceof GaveUp)) {
      this.#group.leave(this.#wanting);
      return undefined;
    }
    if (error.why === 'cancelled') return this.#own('cancelled', 'The user left.');
    const { deadlineMs } = this.#group.entrypoint;
    if (this.#group.knowledge.status.status === 'ready')
      return this.#own('upstream_refused', `No connection within ${deadlineMs} ms.`);
    return this.#failed(deadlineFailure(this.#group, this.#traceId), this.#options.timings.ownRetryAfterMs);
  }

  /** One handshake with the target; undefined: look again. */
  async #connect(target: LedgerRecord, changed: Promise<void>): Promise<Reached | undefined> {
    const { giveUp, timings, reason } = this.#options;
    const trace =
      this.#initialization === undefined ? { as: this.#warm } : { parent: this.#initialization.traceparent };
    const { handshakeMs } = timings;
    const { entrypoint } = this.#group;
    const opened = await openUpstream(this.#wanting, {
      record: target,
      entrypoint,
      trace,
      handshakeMs,
      now: this.#group.now,
      signal: giveUp,
    });
    if (opened.connected) {
      const { upstream } = opened;
      if (mayBegin(target.generation, this.#group.knowledge.target)) {
        return { outcome: 'connected', upstream, initialization: this.#initialization, traceId: this.#traceId };
      }
      upstream.end('leave');
      return undefined;
    }
    this.#group.suspectTarget();
    if (opened.why === 'unproven')
      return this.#own('upstream_unproven', 'It did not prove that it is the service that it should be.');
    this.#tell(reason === 'cold' ? 'lost' : reason);
    await changeWithin(this.#pauseMs, changed, giveUp);
    this.#pauseMs = Math.min(this.#pauseMs * 2, timings.connectBackoffMaxMs);
    return undefined;
  }

  #tell(reason: InitializationReason): void {
    this.#initialization = this.#group.wait(this.#wanting, reason, this.#initialization);
    this.#waited ??= this.#group.noteWait(this.#wanting, this.#initialization);
  }

  get #traceId(): string {
    return this.#initialization?.traceId ?? traceIdOf(this.#warm) ?? '';
  }

  /** Of a failure from before: that of a start that the user was told of is the end of it, however short its cooldown. */
  #isResidual({ retryAfterMs }: { retryAfterMs: number }): boolean {
    const isBefore = this.#options.reason === 'retry' && this.#initialization === undefined;
    return isBefore && retryAfterMs <= residualMs;
  }

  #own(code: FailureCode, message: string): Reached {
    const service = plannedOf(this.#group.plan, this.#group.plan.target);
    const failure = ownFailure({ code, service, phase: 'connecting', message, traceId: this.#traceId });
    return this.#failed(failure, this.#options.timings.ownRetryAfterMs);
  }

  #failed(failure: Failure, retryAfterMs: number): Reached {
    this.#group.leave(this.#wanting, failure.code);
    const traceId = this.#initialization?.traceId ?? failure.traceId;
    return { outcome: 'failed', failure, retryAfterMs, initialization: this.#initialization, traceId };
  }
}

async function changeWithin(ms: number, changed: Promise<void>, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  try {
    await raceAbort(Promise.race([changed, sleep(ms, done.signal)]), signal);
  } finally {
    done.abort();
  }
}
