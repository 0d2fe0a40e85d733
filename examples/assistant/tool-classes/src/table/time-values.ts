import { calendarForm, type CalendarParts, type DayOrder } from './calendar-forms.ts';
import type { Parsed } from './cell-values.ts';
import type { Cell } from './records.ts';
import { offsetMs, ZONE } from './zone-names.ts';

const CALENDAR = new RegExp(
  String.raw`^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?\s*(${ZONE})?$`,
  'i',
);

/** Epoch units by size: each holds the years 2001 to 2100, and these ranges do not overlap. */
const EPOCH_UNITS = [
  { unit: 's', perMs: 1e-3 },
  { unit: 'ms', perMs: 1 },
  { unit: 'us', perMs: 1e3 },
  { unit: 'ns', perMs: 1e6 },
] as const;
const YEAR_2001_MS = 978_307_200_000;
const YEAR_2100_MS = 4_102_444_800_000;

/** Days since 1899-12-30, as spreadsheets count them, of the years 2000 to 2099. */
const SERIAL = /^(?:3[6-9]|[4-6]\d|7[0-2])\d{3}(?:[.,]\d+)?$/;
const SERIAL_OF_1970 = 25_569;

export type TimeFormat = 'calendar' | 'days of a spreadsheet' | `epoch ${(typeof EPOCH_UNITS)[number]['unit']}`;

interface TimeForm {
  format?: TimeFormat;
  /** False: it states no zone and was read as UTC. */
  zoned?: boolean;
}

/**
 * Epoch milliseconds, with decimals where the file is finer than a millisecond. A calendar time without a zone is read as UTC. `order` is
 * what other dates of the column tell about those like 03/04/2024. Days as spreadsheets count them are times only in a column that is `named` for it.
 */
export function parseTime(cell: Cell, order?: DayOrder, named = false): Parsed & TimeForm {
  if (typeof cell === 'boolean') return { problem: 'not a time' };
  const text = String(cell).trim();
  if (text === '') return { problem: 'empty' };
  if (named && SERIAL.test(text)) return parseSerial(Number(text.replace(',', '.')));
  return /^\d{9,20}(?:\.\d+)?$/.test(text) ? parseEpoch(Number(text)) : parseCalendar(text, order);
}

function parseEpoch(count: number): Parsed & TimeForm {
  for (const { unit, perMs } of EPOCH_UNITS) {
    const ms = count / perMs;
    if (ms >= YEAR_2001_MS && ms < YEAR_2100_MS) return { value: ms, format: `epoch ${unit}`, zoned: true };
  }
  return { problem: 'not a time between 2001 and 2100' };
}

function parseSerial(days: number): Parsed & TimeForm {
  return { value: Math.round((days - SERIAL_OF_1970) * 86_400_000), format: 'days of a spreadsheet', zoned: false };
}

function parseCalendar(text: string, order: DayOrder | undefined): Parsed & TimeForm {
  const parts = yearFirst(text) ?? calendarForm(text, order);
  if (parts === undefined) return { problem: 'not a time (expected like 2023-11-16 18:17:03 or an epoch number)' };
  if (parts === 'day or month first?') {
    return { problem: 'a date whose day and month nobody can tell apart (expected like 2023-11-16 18:17:03)' };
  }
  const { year, month, day, hour, minute, second, fraction, zone } = parts;
  const whole = Date.UTC(year, month - 1, day, hour, minute, second);
  const exists =
    new Date(whole).getUTCMonth() === month - 1 && day > 0 && hour >= 0 && hour < 24 && minute < 60 && second < 60;
  if (!exists) return { problem: 'a date or time that does not exist' };
  const fractionMs = fraction === '' ? 0 : Number(`0.${fraction}`) * 1000;
  const offset = offsetMs(zone);
  if (offset === undefined) return { problem: `a time of the zone ${zone}, which several are called` };
  return { value: whole + fractionMs - offset, format: 'calendar', zoned: zone !== undefined };
}

function yearFirst(text: string): CalendarParts | undefined {
  const match = CALENDAR.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = '', zone] = match;
  const clock = { hour: Number(hour), minute: Number(minute), second: Number(second), fraction, zone };
  return { year: Number(year), month: Number(month), day: Number(day), ...clock };
}
