import { randomUUID } from 'node:crypto';
import type { Origin } from '@reveille/contracts';
import { ATTRIBUTE, failSpan, newTraceparent, SPAN, startSpan, traceIdOf } from '@reveille/telemetry';

/**
 * How an initialization ended for the users of this edge, and when (epoch ms of this host). `isFirst`: this edge is the first of all that saw
 * the end; undefined where that cannot be known.
 */
export type Ending = { outcome: string; at: number; isFirst: boolean | undefined };

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
  /** The edge that is the first to see the end writes the root span; where that cannot be known, whoever joined nobody does. */
  end(ending: Ending | Promise<Ending | undefined>): void;
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
    end(ending) {
      if (ended) return;
      ended = true;
      void Promise.resolve(ending).then((known) => {
        if (known === undefined || !(known.isFirst ?? !joined)) return;
        span.setAttribute(ATTRIBUTE.outcome, known.outcome);
        if (known.outcome !== 'ready' && known.outcome !== 'abandoned') failSpan(span, known.outcome);
        span.end(known.at);
      });
    },
  };
}

/** What a wake-up carries, so that whatever is started for these waiters belongs to their trace. */
export function originOfWaiters({ id, traceparent }: Initialization): Origin {
  return { initialization: id, traceparent };
}
