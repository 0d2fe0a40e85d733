import type { Failure, PlannedService, ServerFrameOf } from '@reveille/contracts';

/** One service of a plan as the page shows it. Local times in milliseconds. */
export interface ServiceView {
  readonly service: string;
  readonly name: string;
  readonly state: PlannedService['state'];
  readonly dependsOn: readonly string[];
  /** What its start usually takes; absent without history. */
  readonly expectedMs?: number;
  readonly phase?: string;
  readonly detail?: string;
  readonly percent?: number;
  readonly attempt: number;
  readonly waitingFor: readonly string[];
  /** Its place among those that wait to be started. */
  readonly position?: number;
  /** What its start took. */
  readonly durationMs?: number;
  /** The last attempt that failed; gone once it is ready. */
  readonly failed?: { readonly failure: Failure; readonly retryAt?: number };
}

type ServiceFrame = ServerFrameOf<'service_initializing' | 'service_completed' | 'service_failed'>;

/** @param known the same service in an earlier snapshot of the same initialization */
export function plannedService(planned: PlannedService, known: ServiceView | undefined): ServiceView {
  const { service, name, state, dependsOn, expectedMs } = planned;
  return {
    service,
    name,
    state,
    dependsOn,
    ...(expectedMs === undefined ? {} : { expectedMs }),
    attempt: known?.attempt ?? 0,
    waitingFor: [],
    ...(state === 'ready' && known?.durationMs !== undefined ? { durationMs: known.durationMs } : {}),
    ...(state !== 'ready' && known?.failed !== undefined ? { failed: known.failed } : {}),
  };
}

export function serviceAfter(view: ServiceView, frame: ServiceFrame, now: number): ServiceView {
  const { service, name, dependsOn, expectedMs } = view;
  const base = { service, name, dependsOn, ...(expectedMs === undefined ? {} : { expectedMs }) };
  switch (frame.type) {
    case 'service_initializing': {
      const { phase, detail, percent, attempt, position, waitingFor = [] } = frame;
      return {
        ...base,
        state: phase === 'waiting' || phase === 'queued' ? phase : 'starting',
        phase,
        attempt,
        waitingFor,
        ...(detail === undefined ? {} : { detail }),
        ...(percent === undefined ? {} : { percent: Math.min(100, Math.max(0, percent)) }),
        ...(position === undefined ? {} : { position }),
        ...(view.failed === undefined ? {} : { failed: view.failed }),
      };
    }
    case 'service_completed':
      return { ...base, state: 'ready', attempt: view.attempt, waitingFor: [], durationMs: frame.durationMs };
    case 'service_failed': {
      const { willRetry, retryInMs = 0, failure, attempt } = frame;
      return {
        ...base,
        state: willRetry ? 'queued' : 'failed',
        attempt,
        waitingFor: [],
        failed: { failure, ...(willRetry ? { retryAt: now + retryInMs } : {}) },
      };
    }
  }
}

/** The service that an initialization failed by, whether or not an attempt of its own had failed. */
export function brokenBy(failure: Failure, { service, name, dependsOn, attempt }: ServiceView): ServiceView {
  return { service, name, dependsOn, attempt, state: 'failed', waitingFor: [], failed: { failure } };
}

/** Another one is ready: the edge does not say that again for each that waited for it. */
export function waitsNoMore(view: ServiceView, forName: string): ServiceView {
  if (!view.waitingFor.includes(forName)) return view;
  return { ...view, waitingFor: view.waitingFor.filter((name) => name !== forName) };
}
