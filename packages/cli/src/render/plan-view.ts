import type { InstanceState, InitializationFrame, PlannedService, ServerFrameOf } from '@reveille/contracts';

/** One service of a plan as the frames have told it so far. Times are milliseconds since the initialization began. */
export type ServiceView = Pick<PlannedService, 'service' | 'name' | 'dependsOn' | 'expectedMs'> & {
  /** 0 for one without dependencies, else one more than the highest of them. */
  readonly level: number;
  readonly state: InstanceState;
  readonly attempt: number;
  readonly phase?: string;
  readonly detail?: string;
  readonly percent?: number;
  readonly position?: number;
  readonly waitingFor?: readonly string[];
  /** When its own start began. */
  readonly startedMs?: number;
  readonly durationMs?: number;
  /** The sentence about its last failure; gone when the next attempt says something. */
  readonly failure?: string;
};

/** One initialization as its waiting user sees it. */
export type PlanView = {
  readonly outcome: 'running' | 'ready' | 'failed';
  readonly reason?: string;
  readonly services: readonly ServiceView[];
  /** The last sentence of the initialization as a whole. */
  readonly message: string;
  /** Of the last frame. */
  readonly elapsedMs: number;
  readonly etaMs?: number;
  /** It takes longer than usual, in words. */
  readonly slow?: string;
};

/** The view after one more frame. The frames of the edge never go backwards, and neither does this. */
export function foldFrame(view: PlanView | undefined, frame: InitializationFrame): PlanView {
  const { elapsedMs, message } = frame;
  switch (frame.type) {
    case 'initialization_started':
      return started(frame);
    case 'service_initializing':
      return withService(view, frame, (before) => initializing(before, frame));
    case 'service_completed':
      return withService(view, frame, (before) => ({ ...calm(before), state: 'ready', durationMs: frame.durationMs }));
    case 'service_failed':
      return withService(view, frame, (before) => ({
        ...calm(before),
        state: frame.willRetry ? 'queued' : 'failed',
        attempt: frame.attempt,
        failure: message,
      }));
    case 'initialization_slow':
      return { ...(view ?? empty), elapsedMs, slow: message };
    case 'initialization_completed':
      return { ...withoutSlow(view ?? empty), outcome: 'ready', elapsedMs, message };
    case 'initialization_failed':
      return { ...withoutSlow(view ?? empty), outcome: 'failed', elapsedMs, message };
  }
}

const empty: PlanView = { outcome: 'running', services: [], message: '', elapsedMs: 0 };

function started(frame: ServerFrameOf<'initialization_started'>): PlanView {
  const levels = levelsOf(frame.services);
  return {
    outcome: 'running',
    reason: frame.reason,
    message: frame.message,
    elapsedMs: frame.elapsedMs,
    ...(frame.etaMs === undefined ? {} : { etaMs: frame.etaMs }),
    services: frame.services.map(({ service, name, state, dependsOn, expectedMs }) => ({
      service,
      name,
      state,
      dependsOn,
      attempt: 0,
      level: levels.get(service) ?? 0,
      ...(expectedMs === undefined ? {} : { expectedMs }),
    })),
  };
}

function initializing(before: ServiceView, frame: ServerFrameOf<'service_initializing'>): ServiceView {
  const { phase, attempt, detail, percent, position, waitingFor } = frame;
  const isUnderWay = phase !== 'waiting' && phase !== 'queued';
  const startedMs = isUnderWay ? (before.startedMs ?? frame.elapsedMs) : undefined;
  return {
    ...calm(before),
    state: phase === 'waiting' || phase === 'queued' ? phase : 'starting',
    attempt,
    phase,
    ...(detail === undefined ? {} : { detail }),
    ...(percent === undefined ? {} : { percent }),
    ...(position === undefined ? {} : { position }),
    ...(waitingFor === undefined ? {} : { waitingFor }),
    ...(startedMs === undefined ? {} : { startedMs }),
    // A queued retry keeps the reason that it is one.
    ...(phase === 'queued' && before.failure !== undefined ? { failure: before.failure } : {}),
  };
}

/** A service without what only its last frame said about it. */
function calm(before: ServiceView): ServiceView {
  const { service, name, dependsOn, level, state, attempt, expectedMs, startedMs, durationMs } = before;
  return {
    ...{ service, name, dependsOn, level, state, attempt },
    ...(expectedMs === undefined ? {} : { expectedMs }),
    ...(startedMs === undefined ? {} : { startedMs }),
    ...(durationMs === undefined ? {} : { durationMs }),
  };
}

function withService(
  view: PlanView = empty,
  { service, elapsedMs }: { service: string; elapsedMs: number },
  change: (before: ServiceView) => ServiceView,
): PlanView {
  const services = view.services.map((each) => (each.service === service ? change(each) : each));
  return { ...view, services, elapsedMs };
}

function withoutSlow({ outcome, reason, services, message, elapsedMs, etaMs }: PlanView): PlanView {
  return {
    ...{ outcome, services, message, elapsedMs },
    ...(reason === undefined ? {} : { reason }),
    ...(etaMs === undefined ? {} : { etaMs }),
  };
}

function levelsOf(services: readonly PlannedService[]): Map<string, number> {
  const levels = new Map<string, number>();
  // Dependencies come first in a plan, so that one pass is enough.
  for (const { service, dependsOn } of services)
    levels.set(service, Math.max(0, ...dependsOn.map((each) => (levels.get(each) ?? -1) + 1)));
  return levels;
}
