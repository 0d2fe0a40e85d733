import type { LedgerRecord } from '@reveille/contracts';

/**
 * `waiting`: for dependencies. `queued`: for its turn. `backoff`: for the next attempt. `starting`: the driver (spawn, pull, schedule).
 * `reported`: what the service says about itself. `probing`: it runs and its probe does not pass yet. `connecting`: the upstream of the
 * user. `unattributed`: no phase explains it.
 */
export const phaseKinds = [
  'waiting',
  'queued',
  'backoff',
  'starting',
  'reported',
  'probing',
  'connecting',
  'unattributed',
] as const;
export type PhaseKind = (typeof phaseKinds)[number];

/** What an instance was doing from `from` to `to`, epoch milliseconds. */
export type Phase = {
  kind: PhaseKind;
  /** The name of the phase: that of the service for `reported`, else the kind or what is missing. */
  label: string;
  /** What was said first in it. */
  detail?: string;
  /** The attempt that it belongs to; 0 before the first claim. */
  attempt: number;
  from: number;
  to: number;
  /** It had not ended when this was read. */
  unfinished?: true;
};

/** The phase that a record says it is in; undefined when it is not on its way to ready. */
export function phaseOf(record: LedgerRecord): Pick<Phase, 'kind' | 'label' | 'detail'> | undefined {
  switch (record.state) {
    case 'waiting':
      return { kind: 'waiting', label: 'waiting' };
    case 'queued':
      return { kind: 'queued', label: 'queued' };
    case 'starting':
      return startingPhase(record);
    case 'cold':
    case 'ready':
    case 'stopping':
    case 'failed':
    case 'lost':
      return undefined;
  }
}

/** What drivers say of their own work. */
const driverPhases: ReadonlySet<string> = new Set(['starting', 'spawning', 'pulling', 'scheduling']);

function startingPhase({ progress }: LedgerRecord): Pick<Phase, 'kind' | 'label' | 'detail'> {
  const { phase = 'starting', detail } = progress ?? {};
  const kind = driverPhases.has(phase) ? 'starting' : phase === 'probing' ? phase : 'reported';
  return { kind, label: phase, ...(detail === undefined ? {} : { detail }) };
}

/** What `phase` has of the time from `from` to `to`; undefined when that is nothing. */
export function clip<P extends Phase>(phase: P, from: number, to: number): P | undefined {
  const clipped = { ...phase, from: Math.max(phase.from, from), to: Math.min(phase.to, to) };
  return clipped.to > clipped.from ? clipped : undefined;
}

export function lengthOf({ from, to }: Pick<Phase, 'from' | 'to'>): number {
  return to - from;
}
