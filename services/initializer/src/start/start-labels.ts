import type { Failure } from '@reveille/contracts';

/** Phases of drivers and probes. What services report of themselves has any name, and names become labels for ever. */
const known: ReadonlySet<string> = new Set(['queued', 'starting', 'spawning', 'pulling', 'scheduling', 'probing']);

/** How an attempt ended, as the labels of `starts`: few values, whatever services report. */
export function startLabels(made: Failure | 'ready' | 'let_go'): { outcome: string; phase: string } {
  if (made === 'ready') return { outcome: made, phase: 'ready' };
  if (made === 'let_go') return { outcome: made, phase: 'starting' };
  return { outcome: made.code, phase: known.has(made.phase) ? made.phase : 'reported' };
}
