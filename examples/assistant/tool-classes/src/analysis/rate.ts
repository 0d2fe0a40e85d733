import { tidy } from './sum.ts';

const UNITS = [
  { unit: 'minute', ms: 60_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'day', ms: 86_400_000 },
] as const;
export type RateUnit = (typeof UNITS)[number];

/** The shortest unit of time in which the slowest of these rates comes once at least: rounded in a shorter one it would be 0. */
export function rateUnit(...ratesPerMs: number[]): RateUnit {
  const slowest = Math.min(...ratesPerMs.filter((rate) => rate > 0));
  return UNITS.find(({ ms }) => slowest * ms >= 1) ?? UNITS[2];
}

export function inUnit(ratePerMs: number, { ms }: RateUnit): number {
  return tidy(ratePerMs * ms);
}

/** Names the unit of a number of an opportunity: `meanPerHour`. */
export function perUnit(name: string, { unit }: RateUnit): string {
  return `${name}Per${unit.charAt(0).toUpperCase()}${unit.slice(1)}`;
}
