import { randomUUID } from 'node:crypto';
import type { Origin } from '@reveille/contracts';
import { ATTRIBUTE, failSpan, newTraceparent, SPAN, startSpan, traceIdOf } from '@reveille/telemetry';

/** One run of a plan from the first missing instance to ready or failed, and its trace. */
export type Initialization = {
  readonly id: string;
  readonly traceId: string;
  /** Whether somebody else had begun it. */
  readonly joined: boolean;
  /** Goes into wake-ups and to the upstream. */
  readonly traceparent: string;
  /** Ledger clock. */
  readonly startedAt: number;
  end(outcome: string): void;
};

/** The name and the trace of a run that is about to begin, to be announced before anybody is told of it. */
export function newOrigin(): Origin {
  return { initialization: randomUUID(), traceparent: newTraceparent() };
}

/**
 * Joins the run that `origin` names (same id, same trace), or begins one of its own with a root span.
 * @param own what the run is called when it is begun here
 * @param startedAt ledger milliseconds
 */
export function openInitialization(of: {
  entrypoint: string;
  origin: Origin | undefined;
  own?: Origin | undefined;
  startedAt: number;
}): Initialization {
  const { initialization: id, traceparent: named } = of.origin ?? of.own ?? newOrigin();
  // Who joins adds no span to the trace: each user's wait is a trace of its own, linked to it.
  const span =
    of.origin === undefined
      ? startSpan(SPAN.initialization, {
          attributes: { [ATTRIBUTE.entrypoint]: of.entrypoint, [ATTRIBUTE.initialization]: id },
          parent: null,
          as: named,
        })
      : undefined;
  const traceparent = span?.traceparent ?? named;
  let ended = false;
  return {
    id,
    traceparent,
    traceId: traceIdOf(traceparent) ?? '',
    joined: of.origin !== undefined,
    startedAt: of.startedAt,
    end(outcome) {
      if (ended) return;
      ended = true;
      if (span === undefined) return;
      span.span.setAttribute(ATTRIBUTE.outcome, outcome);
      if (outcome !== 'ready' && outcome !== 'abandoned') failSpan(span.span, outcome);
      span.end();
    },
  };
}

/** What a wake-up carries, so that whatever is started for these waiters belongs to their trace. */
export function originOfWaiters({ id, traceparent }: Initialization): Origin {
  return { initialization: id, traceparent };
}
