import type { Reading } from '../port/index.ts';

/** Somebody waits for it or talks to it, or something runs on top of it. */
export function isWanted(reading: Reading): boolean {
  return reading.interest.length > 0 || (reading.record?.dependents.length ?? 0) > 0;
}

/**
 * Nobody wants it, and that is reason enough to end what runs. In a ledger that is not confirmed it is none: whoever wants it may say so
 * where this side cannot read, and may have what runs there in use.
 */
export function isUnwanted(reading: Reading): boolean {
  return !isWanted(reading) && reading.unconfirmed !== true;
}
