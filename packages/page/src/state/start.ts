import type { Failure, InitializationFrame, InitializationReason, ServerFrameOf } from '@reveille/contracts';
import { brokenBy, plannedService, serviceAfter, type ServiceView, waitsNoMore } from './service-view.ts';

/** How an initialization stands. `retryAt`: local time from which another one may be asked for. */
export type Outcome =
  | { readonly is: 'under-way' }
  | { readonly is: 'completed'; readonly elapsedMs: number }
  | {
      readonly is: 'failed';
      readonly failure: Failure;
      readonly message: string;
      readonly retryable: boolean;
      readonly retryAt: number;
      readonly elapsedMs: number;
    };

/** One initialization as the user sees it. Local times in milliseconds. */
export interface Start {
  readonly initialization: string;
  readonly traceId: string;
  readonly reason: InitializationReason;
  /** Dependencies before what needs them. */
  readonly services: readonly ServiceView[];
  readonly beganAt: number;
  /** From `beganAt`: when it is given up at the latest. */
  readonly deadlineMs: number;
  /** When it should be done, going by earlier starts; absent without history. */
  readonly expectedAt?: number;
  /** What the edge last said about it. */
  readonly message: string;
  readonly slow?: { readonly message: string; readonly p95Ms?: number };
  readonly outcome: Outcome;
}

/** @param now local time of the frame's arrival */
export function startAfter(start: Start | undefined, frame: InitializationFrame, now: number): Start | undefined {
  if (frame.type === 'initialization_started') return begun(start, frame, now);
  if (frame.type === 'initialization_failed') return failed(start, frame, now);
  if (start === undefined || (start.outcome.is !== 'under-way' && frame.type !== 'initialization_completed'))
    return start;
  switch (frame.type) {
    case 'service_initializing':
    case 'service_completed':
    case 'service_failed': {
      const services = start.services.map((one) =>
        one.service === frame.service ? serviceAfter(one, frame, now) : one,
      );
      return {
        ...start,
        message: frame.message,
        services: frame.type === 'service_completed' ? services.map((one) => waitsNoMore(one, frame.name)) : services,
      };
    }
    case 'initialization_slow': {
      const { message, p95Ms } = frame;
      return { ...start, slow: { message, ...(p95Ms === undefined ? {} : { p95Ms }) } };
    }
    case 'initialization_completed': {
      // Of a warm connect after a reconnect: what is known of the start that came before stays as it was.
      if (start.outcome.is === 'completed') return start;
      const services = start.services.map((one) => ({ ...one, state: 'ready' as const }));
      const { slow: _, ...rest } = start;
      const elapsedMs = frame.elapsedMs > 0 ? frame.elapsedMs : now - start.beganAt;
      return { ...rest, services, message: frame.message, outcome: { is: 'completed', elapsedMs } };
    }
  }
}

function begun(before: Start | undefined, frame: ServerFrameOf<'initialization_started'>, now: number): Start {
  const same = before?.initialization === frame.initialization ? before : undefined;
  return {
    initialization: frame.initialization,
    traceId: frame.traceId,
    reason: frame.reason,
    services: frame.services.map((one) =>
      plannedService(
        one,
        same?.services.find((known) => known.service === one.service),
      ),
    ),
    beganAt: now - frame.elapsedMs,
    deadlineMs: frame.deadlineMs,
    ...(frame.etaMs === undefined ? {} : { expectedAt: now + frame.etaMs }),
    message: frame.message,
    ...(same?.slow === undefined ? {} : { slow: same.slow }),
    outcome: { is: 'under-way' },
  };
}

function failed(before: Start | undefined, frame: ServerFrameOf<'initialization_failed'>, now: number): Start {
  const { initialization, traceId, failure, message, retryable, retryAfterMs = 0, elapsedMs } = frame;
  const same = before?.initialization === initialization ? before : undefined;
  return {
    ...(same ?? { reason: 'cold', beganAt: now - elapsedMs, deadlineMs: 0 }),
    services: (same?.services ?? []).map((one) => (one.service === failure.service ? brokenBy(failure, one) : one)),
    initialization,
    traceId,
    message,
    outcome: { is: 'failed', failure, message, retryable, retryAt: now + retryAfterMs, elapsedMs },
  };
}

/** Services of it that are ready, and how many there are. */
export function progressOf({ services }: Start): { ready: number; total: number; percent: number } {
  const ready = services.filter((one) => one.state === 'ready').length;
  const total = services.length;
  return { ready, total, percent: total === 0 ? 0 : Math.round((100 * ready) / total) };
}
