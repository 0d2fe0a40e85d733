import { durationWords } from './amounts.ts';
import type { ServiceView } from './service-view.ts';

/** What a service is doing, in a few words below its name. */
export function serviceWords(view: ServiceView): string {
  switch (view.state) {
    case 'cold':
      return 'Not running';
    case 'lost':
      return 'Lost';
    case 'stopping':
      return 'Stopping';
    case 'ready':
      return view.durationMs === undefined ? 'Ready' : `Ready after ${durationWords(view.durationMs)}`;
    case 'failed':
      return capital(view.failed?.failure.message ?? 'Failed');
    case 'waiting':
      return view.waitingFor.length > 0 ? `Waits for ${view.waitingFor.join(', ')}` : 'About to start';
    case 'queued': {
      if (view.failed !== undefined) return 'Failed, starting again';
      return view.position === undefined ? 'Waits for its turn' : `Number ${view.position} in line`;
    }
    case 'starting':
      return startingWords(view);
  }
}

function startingWords({ phase, detail }: ServiceView): string {
  if (phase === 'probing') return capital(detail ?? 'Running, not ready yet');
  if (phase === undefined || phase === 'starting') return capital(detail ?? 'Starting');
  return capital(detail ?? phase.replaceAll('_', ' '));
}

/** What else is known: which attempt, and how long it usually takes. */
export function serviceFacts(view: ServiceView): string[] {
  const facts: string[] = [];
  if (view.attempt > 1 || (view.failed && view.state !== 'ready')) {
    const attempts = view.failed?.failure.attempts;
    facts.push(attempts === undefined ? `attempt ${view.attempt}` : `attempt ${view.attempt} of ${attempts}`);
  }
  if (view.state !== 'ready' && view.state !== 'failed' && view.expectedMs !== undefined)
    facts.push(`usually ${durationWords(view.expectedMs)}`);
  return facts;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
