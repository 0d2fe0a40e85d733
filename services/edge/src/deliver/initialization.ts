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
  /**
   * @param isFirst whether this edge is the first of all that saw the end: that one writes the root span. Where that cannot be known, whoever
   * joined nobody does.
   */
  end(outcome: string, isFirst?: Promise<boolean | undefined>): void;
};

/** The name and the trace of a run that is about to begin, to be announced before anybody is told of it. */
export function newOrigin(): Origin {
  return { initialization: randomUUID(), traceparent: newTraceparent() };
}

/**
 * Joins the run that `origin` names (same id, same trace), or begins one of its own. Its root span is prepared by every edge and written by one.
 * @param own what the run is called when it is begun here
 * @param startedAt ledger milliseconds
 * @param now the same clock
 */
export function openInitialization(of: {
  entrypoint: string;
  origin: Origin | undefined;
  own?: Origin | undefined;
  startedAt: number;
  now?: number;
}): Initialization {
  const { initialization: id, traceparent: named } = of.origin ?? of.own ?? newOrigin();
  const joined = of.origin !== undefined;
  const { startedAt, now = startedAt } = of;
  // One that is never ended is never exported. Each user's wait is a trace of its own, linked to this one.
  const { span, traceparent } = startSpan(SPAN.initialization, {
    attributes: { [ATTRIBUTE.entrypoint]: of.entrypoint, [ATTRIBUTE.initialization]: id },
    parent: null,
    as: named,
    startTime: Date.now() - Math.max(0, now - startedAt),
  });
  let ended = false;
  return {
    id,
    traceparent,
    traceId: traceIdOf(traceparent) ?? '',
    joined,
    startedAt,
    end(outcome, isFirst) {
      if (ended) return;
      ended = true;
      const endedAt = Date.now();
      const write = (): void => {
        span.setAttribute(ATTRIBUTE.outcome, outcome);
        if (outcome !== 'ready' && outcome !== 'abandoned') failSpan(span, outcome);
        span.end(endedAt);
      };
      if (isFirst !== undefined) void isFirst.then((is = !joined) => is && write());
      else if (!joined) write();
    },
  };
}

/** What a wake-up carries, so that whatever is started for these waiters belongs to their trace. */
export function originOfWaiters({ id, traceparent }: Initialization): Origin {
  return { initialization: id, traceparent };
}
