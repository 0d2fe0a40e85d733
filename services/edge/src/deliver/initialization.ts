import { randomUUID } from 'node:crypto';
import type { Origin } from '@reveille/contracts';
import { ATTRIBUTE, newTraceparent, SPAN, startSpan, traceIdOf } from '@reveille/telemetry';

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
  const span = startSpan(of.origin === undefined ? SPAN.initialization : SPAN.wait, {
    attributes: { [ATTRIBUTE.entrypoint]: of.entrypoint, [ATTRIBUTE.initialization]: id },
    ...(of.origin === undefined ? { parent: null, as: named } : { parent: named }),
  });
  // Without an exporter a child span carries its parent's trace; the origin's own traceparent is what all who join hand on.
  const traceparent = of.origin?.traceparent ?? span.traceparent;
  let ended = false;
  return {
    id,
    traceparent,
    traceId: traceIdOf(traceparent) ?? span.traceId,
    joined: of.origin !== undefined,
    startedAt: of.startedAt,
    end(outcome) {
      if (ended) return;
      ended = true;
      span.span.setAttribute(ATTRIBUTE.outcome, outcome);
      span.end();
    },
  };
}

/** What a wake-up carries, so that whatever is started for these waiters belongs to their trace. */
export function originOfWaiters({ id, traceparent }: Initialization): Origin {
  return { initialization: id, traceparent };
}
