import type { Failure, ServerFrameOf } from '@reveille/contracts';

export const told = { at: 1_795_386_857_510, elapsedMs: 500, message: 'Told.' };

const planned = (service: string, dependsOn: string[] = []) => ({
  service,
  name: `The ${service}`,
  state: 'cold' as const,
  dependsOn,
});

export const started: ServerFrameOf<'initialization_started'> = {
  type: 'initialization_started',
  initialization: 'i',
  traceId: 't',
  reason: 'cold',
  services: [planned('base'), planned('store'), planned('agent', ['base', 'store']), planned('bridge', ['agent'])],
  totalServices: 4,
  deadlineMs: 30_000,
  ...told,
};

const of = (service: string) => ({ service, name: `The ${service}`, generation: 1_795_386_857_531_661 });

export function initializing(service: string, phase: string): ServerFrameOf<'service_initializing'> {
  return { type: 'service_initializing', ...of(service), attempt: 1, phase, ...told };
}

export function completed(service: string, durationMs: number): ServerFrameOf<'service_completed'> {
  const progress = { servicesCompleted: [service], servicesRemaining: [], progressPercentage: 25 };
  return { type: 'service_completed', ...of(service), durationMs, ...progress, ...told };
}

export const failure: Failure = {
  code: 'exited_early',
  service: 'base',
  name: 'The base',
  phase: 'probing',
  message: 'the process ended with exit code 3 before it was ready',
  attempt: 3,
  attempts: 3,
  exitCode: 3,
  retryable: true,
  traceId: 't',
};

export function failed(service: string, willRetry: boolean): ServerFrameOf<'service_failed'> {
  return {
    type: 'service_failed',
    ...of(service),
    attempt: 1,
    willRetry,
    failure,
    ...told,
    message: `${service} failed.`,
  };
}

export const slow: ServerFrameOf<'initialization_slow'> = {
  type: 'initialization_slow',
  deadlineMs: 30_000,
  waitingFor: ['The base'],
  ...told,
  message: 'Slow.',
};
