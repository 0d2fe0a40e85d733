import { type Failure, failureCodes, type InitializationReason } from '@reveille/contracts';
import type { PlannedInstance } from '../plan/index.ts';

/** The sentences that waiting users read. One place, so that they stay one voice. */
export const words = {
  started(reason: InitializationReason, missing: number, total: number): string {
    const services = missing === 1 ? '1 service is' : `${missing} services are`;
    switch (reason) {
      case 'cold':
        return `${missing === total ? 'Nothing is running yet' : `${services} not running yet`}; starting ${missing} of ${total}.`;
      case 'joined':
        return `A start is under way already; ${services} not ready yet.`;
      case 'lost':
        return missing === 0
          ? 'The connection to the service was lost; connecting again.'
          : `The service was lost; ${services} being started again.`;
      case 'replaced':
        return `A new version is being started; ${services} not ready yet.`;
      case 'retry':
        return `Trying again; ${services} not ready yet.`;
    }
  },

  initializing(
    name: string,
    phase: string,
    more: {
      detail?: string | undefined;
      percent?: number | undefined;
      waitingFor: string[];
      attempt: number;
      position?: number | undefined;
    },
  ): string {
    const again = more.attempt > 1 && phase !== 'waiting' ? ` (attempt ${more.attempt})` : '';
    const percent = more.percent === undefined ? '' : ` ${Math.round(more.percent)} %`;
    const detail = more.detail === undefined ? '' : `: ${more.detail}`;
    switch (phase) {
      case 'waiting':
        return more.waitingFor.length === 0
          ? `${name} is about to start.`
          : `${name} waits for ${list(more.waitingFor)}.`;
      case 'queued':
        return `${name} ${place(more.position)}${again}.`;
      case 'starting':
        return `${name} is starting${again}${detail}${percent}.`;
      case 'probing':
        return `${name} is running and not ready yet${again}${detail}${percent}.`;
      default:
        return `${name} is starting${again}: ${more.detail ?? phase.replaceAll('_', ' ')}${percent}.`;
    }
  },

  completed(name: string, durationMs: number, remaining: number): string {
    const rest = remaining === 0 ? 'Everything is ready' : remaining === 1 ? '1 to go' : `${remaining} to go`;
    return `${name} is ready after ${duration(durationMs)}. ${rest}.`;
  },

  attemptFailed(instance: PlannedInstance, failure: Failure, willRetry: boolean): string {
    const what = cause(failure);
    if (willRetry) return `${what} Trying again (attempt ${failure.attempt + 1} of ${failure.attempts}).`;
    return failure.service === instance.service ? what : `${instance.name} cannot start: ${what}`;
  },

  slow(waitingFor: string[]): string {
    return `This takes longer than usual. Still waiting for ${list(waitingFor)}.`;
  },

  allReady(elapsedMs: number | undefined): string {
    return elapsedMs === undefined ? 'Everything is ready.' : `Everything is ready after ${duration(elapsedMs)}.`;
  },

  failed(failure: Failure, retryAfterMs: number | undefined): string {
    const again =
      retryAfterMs === undefined
        ? ''
        : retryAfterMs === 0
          ? ' You can try again now.'
          : ` You can try again in ${duration(retryAfterMs)}.`;
    return `${cause(failure)}${again}`;
  },
};

/** "Thread service: It stopped while it was starting." */
function cause(failure: Failure): string {
  return `${failure.name}: ${failureCodes[failure.code].public}`;
}

function place(position: number | undefined): string {
  if (position === undefined) return 'waits for its turn to start';
  return position === 1 ? 'is next in line' : `is number ${position} in line`;
}

function list(names: string[]): string {
  if (names.length <= 1) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
