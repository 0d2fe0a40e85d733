import type { RecordedStart } from '../stage/start-log.ts';

export type ServicePlan = {
  /** Dependencies before dependents; the last one answers. */
  readonly services: readonly string[];
  readonly dependsOn: Readonly<Record<string, readonly string[]>>;
};

/** Milliseconds that a service needs by itself. */
export function durationOf({ bornAt, readyAt }: RecordedStart): number {
  return readyAt - bornAt;
}

/**
 * The chain of services that takes longest, lowest first: nothing that starts services in order can be quicker.
 */
export function longestPath(starts: readonly RecordedStart[], { services, dependsOn }: ServicePlan): RecordedStart[] {
  const longest = new Map<string, RecordedStart[]>();
  const lengthOf = (path: readonly RecordedStart[]): number => path.reduce((sum, one) => sum + durationOf(one), 0);
  for (const service of services) {
    const own = starts.find((start) => start.service === service);
    if (own === undefined) throw new Error(`${service} was not started`);
    const below = (dependsOn[service] ?? []).map((dependency) => longest.get(dependency) ?? []);
    const before = below.toSorted((a, b) => lengthOf(b) - lengthOf(a))[0] ?? [];
    longest.set(service, [...before, own]);
  }
  return longest.get(services.at(-1) ?? '') ?? [];
}
