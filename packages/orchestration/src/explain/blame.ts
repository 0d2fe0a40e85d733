import type { ServiceName } from '@reveille/contracts';
import type { ChainSegment } from './critical-chain.ts';
import { lengthOf, type PhaseKind } from './phase.ts';

/** What one service spent on the critical chain in phases of one name, and the share of the whole (0–1). */
export type Blame = {
  service: ServiceName;
  name: string;
  kind: PhaseKind;
  label: string;
  detail?: string;
  ms: number;
  share: number;
  /** The last attempt that it happened in. */
  attempt: number;
};

/** The chain by service and phase, the largest share first; equal ones in the order of the chain. */
export function blameOf(chain: readonly ChainSegment[]): Blame[] {
  const totalMs = chain.reduce((ms, segment) => ms + lengthOf(segment), 0);
  const found = new Map<string, Blame>();
  for (const segment of chain) {
    const { service, name, kind, label, detail, attempt } = segment;
    const key = `${service} ${kind} ${label}`;
    const known = found.get(key);
    const ms = (known?.ms ?? 0) + lengthOf(segment);
    const said = known?.detail ?? detail;
    const share = totalMs === 0 ? 0 : ms / totalMs;
    found.set(key, { service, name, kind, label, ...(said === undefined ? {} : { detail: said }), ms, share, attempt });
  }
  return [...found.values()].toSorted((one, other) => other.ms - one.ms);
}
