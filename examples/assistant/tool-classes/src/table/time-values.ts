import type { Parsed } from './cell-values.ts';
import type { Cell } from './records.ts';

const CALENDAR =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i;

/** Epoch units by size: each holds the years 2001 to 2100, and these ranges do not overlap. */
const EPOCH_UNITS = [
  { unit: 's', perMs: 1e-3 },
  { unit: 'ms', perMs: 1 },
  { unit: 'us', perMs: 1e3 },
  { unit: 'ns', perMs: 1e6 },
] as const;
const YEAR_2001_MS = 978_307_200_000;
const YEAR_2100_MS = 4_102_444_800_000;

export type TimeFormat = 'calendar' | `epoch ${(typeof EPOCH_UNITS)[number]['unit']}`;

/** Epoch milliseconds, with decimals where the file is finer than a millisecond. A calendar time without a zone is read as UTC. */
export function parseTime(cell: Cell): Parsed & { format?: TimeFormat; zoned?: boolean } {
  if (typeof cell === 'boolean') return { problem: 'not a time' };
  const text = String(cell).trim();
  if (text === '') return { problem: 'empty' };
  return /^\d{9,20}(?:\.\d+)?$/.test(text) ? parseEpoch(Number(text)) : parseCalendar(text);
}

function parseEpoch(count: number): Parsed & { format?: TimeFormat; zoned?: boolean } {
  for (const { unit, perMs } of EPOCH_UNITS) {
    const ms = count / perMs;
    if (ms >= YEAR_2001_MS && ms < YEAR_2100_MS) return { value: ms, format: `epoch ${unit}`, zoned: true };
  }
  return { problem: 'not a time between 2001 and 2100' };
}

function parseCalendar(text: string): Parsed & { format?: TimeFormat; zoned?: boolean } {
  const match = CALENDAR.exec(text);
  if (match === null) return { problem: 'not a time (expected like 2023-11-16 18:17:03 or an epoch number)' };
  const [, year = '', month = '', day = '', hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const parts = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)] as const;
  const whole = Date.UTC(...parts);
  const check = new Date(whole);
  const exists =
    check.getUTCMonth() === parts[1] &&
    check.getUTCDate() === parts[2] &&
    parts[3] < 24 &&
    parts[4] < 60 &&
    parts[5] < 60;
  if (!exists) return { problem: 'a date or time that does not exist' };
  const fractionMs = fraction === '' ? 0 : Number(`0.${fraction}`) * 1000;
  return { value: whole + fractionMs - offsetMs(zone), format: 'calendar', zoned: zone !== undefined };
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || /^(?:z|utc)$/i.test(zone)) return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
