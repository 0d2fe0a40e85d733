import type { ServerFrame, ServerFrameOf } from '@reveille/contracts';
import { initialState, type PageState } from '../src/state/page-state.ts';
import { reduce } from '../src/state/reduce.ts';

/** The state after frames that arrive at local times; the clock of the edge is far from that of the page. */
export function after(...heard: (readonly [now: number, frame: ServerFrame])[]): PageState {
  return heard.reduce((state, [now, frame]) => reduce(state, { type: 'frame', frame, now }), initialState);
}

const at = 1_700_000_000_000;
const index = { service: 'index', name: 'Search index', generation: 1 as never };

export function welcome(more: Partial<ServerFrameOf<'welcome'>> = {}): ServerFrame {
  return {
    type: 'welcome',
    session: 's1',
    resumeKey: 'k',
    resumed: false,
    entrypoint: 'chat',
    user: 'ann',
    heartbeatMs: 15_000,
    limits: { messageBytes: 1000, heldMessages: 4, heldBytes: 500, messagesPerSecond: 5 },
    ...more,
  };
}

export function started(more: Partial<ServerFrameOf<'initialization_started'>> = {}): ServerFrame {
  return {
    type: 'initialization_started',
    initialization: 'i1',
    traceId: 't1',
    reason: 'cold',
    services: [
      { service: 'index', name: 'Search index', state: 'cold', dependsOn: [] },
      { service: 'chat', name: 'Chat', state: 'cold', dependsOn: ['index'] },
    ],
    totalServices: 2,
    deadlineMs: 30_000,
    at,
    elapsedMs: 400,
    message: 'Nothing is running yet; starting 2 of 2.',
    ...more,
  };
}

export function initializing(more: Partial<ServerFrameOf<'service_initializing'>> = {}): ServerFrame {
  const message = 'Search index is starting.';
  return {
    type: 'service_initializing',
    ...index,
    attempt: 1,
    phase: 'starting',
    at,
    elapsedMs: 500,
    message,
    ...more,
  };
}

export function completedService(): ServerFrame {
  return {
    type: 'service_completed',
    ...index,
    durationMs: 1200,
    servicesCompleted: ['index'],
    servicesRemaining: ['chat'],
    progressPercentage: 50,
    at,
    elapsedMs: 1600,
    message: 'Search index is ready after 1.2 s. 1 to go.',
  };
}

const failure: ServerFrameOf<'initialization_failed'>['failure'] = {
  code: 'exited_early',
  service: 'index',
  name: 'Search index',
  phase: 'starting',
  message: 'the process ended with exit code 3',
  attempt: 1,
  attempts: 2,
  exitCode: 3,
  retryable: true,
  traceId: 't1',
};

export function attemptFailed(): ServerFrame {
  const message = 'Search index: It stopped while it was starting. Trying again (attempt 2 of 2).';
  return {
    type: 'service_failed',
    ...index,
    attempt: 1,
    willRetry: true,
    retryInMs: 800,
    failure,
    at,
    elapsedMs: 900,
    message,
  };
}

export function failed(more: Partial<ServerFrameOf<'initialization_failed'>> = {}): ServerFrame {
  return {
    type: 'initialization_failed',
    initialization: 'i1',
    failure,
    retryable: true,
    retryAfterMs: 5000,
    traceId: 't1',
    at,
    elapsedMs: 2000,
    message: 'Search index: It stopped while it was starting. You can try again in 5.0 s.',
    ...more,
  };
}

export function completed(more: Partial<ServerFrameOf<'initialization_completed'>> = {}): ServerFrame {
  const message = 'Everything is ready after 2.0 s.';
  return {
    type: 'initialization_completed',
    initialization: 'i1',
    traceId: 't1',
    at,
    elapsedMs: 2000,
    message,
    ...more,
  };
}

export function message(
  seq: number,
  data: ServerFrameOf<'message'>['data'],
  more: Partial<ServerFrameOf<'message'>> = {},
): ServerFrame {
  return { type: 'message', seq, data, origin: { service: 'chat', generation: 1 as never }, ...more };
}
