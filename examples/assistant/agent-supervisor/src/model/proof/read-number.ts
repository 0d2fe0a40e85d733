/** A way to read a written number, and how far it was rounded: half a unit of its last digit. */
export interface Reading {
  value: number;
  rounding: number;
}

/** 18,059,974.5 with or without separators; also 18_059_974 and 18'059'974. */
const POINT = /^(?:\d+|\d{1,3}(?:[,_'’]\d{3})+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** 18.059.974,5 with or without separators. */
const COMMA = /^(?:\d+|\d{1,3}(?:[._'’]\d{3})+)(?:,(\d+))?$/;

/** The unit of per cent. */
export const PERCENT = 0.01;

/** What a number may mean: `1,234` is one thousand or little more than one, by the language of who wrote it. Empty when it means nothing. */
export function readingsOf(written: string): Reading[] {
  const readings: Reading[] = [];
  const point = POINT.exec(written);
  if (point !== null) readings.push(reading(written.replace(/[,_'’]/g, ''), point[1], Number(point[2] ?? 0)));
  const comma = COMMA.exec(written);
  if (comma !== null) readings.push(reading(written.replace(/[._'’]/g, '').replace(',', '.'), comma[1], 0));
  return readings;
}

/** By how much a value may be rounded to a whole number: 18.06 may be written 18, and 3.4 may not be written 3; nor may 0.99 be written 1. */
const MOST_ROUNDED = 0.05;

/** Whether the value, in units of `unit`, is written so when it is rounded to the digits shown. Only nothing is written 0. */
export function isWritten(value: number, { value: written, rounding }: Reading, unit = 1): boolean {
  if (written === 0 || value === 0) return written === value;
  const isWhole = rounding >= 0.5 && unit !== PERCENT;
  const most = !isWhole ? rounding : value < unit ? 0 : Math.min(rounding, written * MOST_ROUNDED);
  // The tolerance is that of binary fractions.
  return Math.abs(value / unit - written) <= most + written * 1e-12;
}

function reading(text: string, fraction: string | undefined, exponent: number): Reading {
  return { value: Number(text), rounding: 0.5 * 10 ** (exponent - (fraction?.length ?? 0)) };
}
