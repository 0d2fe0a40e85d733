/**
 * Measures several things in turns, so that what the machine does meanwhile falls on all of them. Each is called `warmUp` times
 * before anything counts.
 */
export async function interleaved<K extends string>(
  of: { rounds: number; warmUp?: number; signal: AbortSignal },
  measures: Readonly<Record<K, () => Promise<number>>>,
): Promise<Record<K, number[]>> {
  const names = Object.keys(measures) as K[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  const { warmUp = 0, rounds, signal } = of;
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const name of names) {
      signal.throwIfAborted();
      const value = await measures[name]();
      if (round >= 0) samples[name].push(value);
    }
  }
  return samples;
}

/**
 * Goes on with rounds until there are as many as wanted or, once there are enough to speak of a median, the time is used up: a busy
 * machine then gives fewer rounds and not a run without end.
 */
export function goesOn(of: { done: number; wanted: number; enough: number; until: number }): boolean {
  if (of.done >= of.wanted) return false;
  return of.done < of.enough || performance.now() < of.until;
}

/** Milliseconds that a call takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
