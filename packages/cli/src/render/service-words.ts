import type { ServiceView } from './plan-view.ts';
import { printableLine } from './printable.ts';

/** Another service of the same plan. */
export type FindService = (service: string) => ServiceView | undefined;

/** What a service is doing, in a few words, without its name. */
export function serviceWords(of: ServiceView, find: FindService): string {
  const again = of.attempt > 1 ? ` (attempt ${of.attempt})` : '';
  const percent = of.percent === undefined ? '' : ` ${Math.round(of.percent)} %`;
  const detail = of.detail === undefined ? undefined : printableLine(of.detail);
  switch (of.state) {
    case 'cold':
    case 'waiting':
      return waitingWords(of, find);
    case 'queued':
      if (of.failure !== undefined) return printableLine(of.failure);
      return `${of.position === undefined ? 'waits for its turn' : `number ${of.position} in line`}${again}`;
    case 'starting':
      return `${phaseWords(of.phase, detail)}${percent}${again}`;
    case 'ready':
      return 'ready';
    case 'stopping':
      return 'stopping what ran before';
    case 'failed':
      return printableLine(of.failure ?? 'failed');
    case 'lost':
      return 'lost, to be started again';
  }
}

function waitingWords({ waitingFor, dependsOn }: ServiceView, find: FindService): string {
  // Frames name them for people already; before the first one only the plan is known.
  const names =
    waitingFor ?? dependsOn.filter((key) => find(key)?.state !== 'ready').map((key) => find(key)?.name ?? key);
  return names.length === 0 ? 'about to start' : `waits for ${names.map(printableLine).join(', ')}`;
}

function phaseWords(phase = 'starting', detail: string | undefined): string {
  switch (phase) {
    case 'starting':
      return detail ?? 'starting';
    case 'probing':
      return detail ?? 'running, not ready yet';
    default:
      return `${printableLine(phase.replaceAll('_', ' '))}${detail === undefined ? '' : `: ${detail}`}`;
  }
}
