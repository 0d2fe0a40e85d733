import type { ServiceName } from '@reveille/contracts';
import type { Explanation } from './explanation.ts';
import { lengthOf } from './phase.ts';

/** One phase of one service, or (without `label`) all phases that are its own, now and as the median of earlier runs. */
export type Change = { service: ServiceName; name: string; label: string; nowMs: number; usualMs: number };

export type Comparison = {
  /** Earlier runs that were ready and of the same entrypoint. */
  runs: number;
  /** Median of their totals; absent without runs. */
  usualMs?: number;
  /** What got slower by more than a tenth of a second and a fifth, the most first. */
  slower: Change[];
};

const leastMs = 100;
const leastShare = 0.2;

export function compareWith(explanation: Explanation, earlier: readonly Explanation[]): Comparison {
  const ready = earlier.filter(({ outcome }) => outcome === 'ready');
  const usualMs = medianOf(ready.map(({ totalMs }) => totalMs));
  const before = ready.map(phasesOf);
  const slower = [...phasesOf(explanation)].flatMap(([key, { ms, ...of }]) => {
    // A phase that is new took no time before, where the service was started then too.
    const usual = medianOf(
      before.flatMap((phases) => {
        const wasStarted = phases.values().some(({ service }) => service === of.service);
        return phases.get(key)?.ms ?? (wasStarted ? 0 : []);
      }),
    );
    if (usual === undefined || ms - usual < leastMs || ms - usual < usual * leastShare) return [];
    return [{ ...of, nowMs: ms, usualMs: usual }];
  });
  return {
    runs: ready.length,
    ...(usualMs === undefined ? {} : { usualMs }),
    slower: slower.toSorted((one, other) => other.nowMs - other.usualMs - (one.nowMs - one.usualMs)),
  };
}

/** Waiting for others is what these others took. */
function phasesOf({ services }: Explanation): Map<string, Omit<Change, 'nowMs' | 'usualMs'> & { ms: number }> {
  const found = new Map<string, Omit<Change, 'nowMs' | 'usualMs'> & { ms: number }>();
  for (const { service, name, phases } of services) {
    for (const phase of phases) {
      if (phase.kind === 'waiting') continue;
      const key = `${service} ${phase.kind} ${phase.label}`;
      found.set(key, { service, name, label: phase.label, ms: (found.get(key)?.ms ?? 0) + lengthOf(phase) });
    }
  }
  return found;
}

/** How good the times were that users were promised. */
export type Calibration = {
  /** Runs that were ready and had promised something. */
  runs: number;
  /** Median of took / promised; 1 is right, 2 took twice as long. Absent without runs. */
  ratio?: number;
  /** How many took no more than a quarter longer or shorter than promised, or were within 250 ms of it. */
  close: number;
};

const closeShare = 0.25;
const closeMs = 250;

export function calibrationOf(explanations: readonly Explanation[]): Calibration {
  const promised = explanations.flatMap(({ outcome, promisedMs, totalMs }) =>
    outcome === 'ready' && promisedMs !== undefined && promisedMs > 0 ? [{ promisedMs, totalMs }] : [],
  );
  const ratio = medianOf(promised.map((one) => one.totalMs / one.promisedMs));
  const close = promised.filter(
    (one) => Math.abs(one.totalMs - one.promisedMs) <= Math.max(closeMs, one.promisedMs * closeShare),
  );
  return { runs: promised.length, ...(ratio === undefined ? {} : { ratio }), close: close.length };
}

/** The upper median. */
function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
}
