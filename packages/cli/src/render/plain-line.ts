import type { ServerFrame } from '@reveille/contracts';
import { printableLine } from './printable.ts';

/** One line per frame that says something to a person, with the elapsed time before it; undefined for the others. */
export function plainLine(frame: ServerFrame): string | undefined {
  switch (frame.type) {
    case 'initialization_started':
    case 'service_initializing':
    case 'service_completed':
    case 'service_failed':
    case 'initialization_slow':
    case 'initialization_completed':
      return `[${(frame.elapsedMs / 1_000).toFixed(1).padStart(5)} s] ${printableLine(frame.message)}`;
    case 'interrupted':
      return `The service was interrupted: ${printableLine(frame.reason)}`;
    case 'draining':
      return 'This edge goes away; connecting again.';
    case 'welcome':
    case 'accepted':
    case 'rejected':
    case 'message':
    case 'ping':
    case 'error':
    // Told at length, by `failureLines`.
    case 'initialization_failed':
      return undefined;
  }
}
