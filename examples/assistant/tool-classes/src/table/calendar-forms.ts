import { ZONE } from './zone-names.ts';

/** Whether day or month stands first in dates like 03/04/2024, once some date of the column has told. */
export type DayOrder = 'day first' | 'month first';

export interface CalendarParts {
  year: number;
  /** From 1. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** Digits after the second, "5" for half of one. */
  fraction: string;
  zone: string | undefined;
}

const CLOCK = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*([ap])?\.?(?:m\.?)?`;
const MONTH = String.raw`([a-z]{3,9})\.?`;
const YEAR_FIRST = /^(\d{4})([./-])(\d{1,2})\2(\d{1,2})$/;
/** The last one is a year; of two digits only where no order of the parts begins with it. */
const NUMERIC = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|(?<!-\d{1,2}-)\d{2})$/;
const DAY_NAME_MONTH = new RegExp(String.raw`^(\d{1,2})[ /.-]*${MONTH}[ ,/-]*(\d{4})$`, 'i');
const MONTH_DAY_NAME = new RegExp(String.raw`^${MONTH} (\d{1,2}),? (\d{4})$`, 'i');
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?(?:\.(\d+))?(Z|[+-]\d{2}:?\d{2})?)?$/;
const AFTER_DATE = new RegExp(String.raw`^(.*?)(?:[T :,]+${CLOCK})?\s*(${ZONE})?(?:\s*\([^)]*\))?$`, 'i');
const DAY_OF_WEEK = /^(?:[a-z]{3,9},\s*|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?\s+)/i;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** A time of day alone: `18:17:03`, `6:17 PM`. */
export const CLOCK_ALONE = new RegExp(`^${CLOCK}$`, 'i');

/**
 * Dates that are not written as ISO has them: 2023.11.16, 16.11.2023, 16/11/2023, 11/16/2023, 16 Nov 2023, Nov 16, 2023, 16/Nov/2023:18:17:03 +0000,
 * "Thu, 16 Nov 2023 18:17:03 GMT", 20231116T181703Z; each with a time of day or without. A numeric date whose order neither it nor
 * `order` tells is none.
 */
export function calendarForm(
  text: string,
  order: DayOrder | undefined,
): CalendarParts | 'day or month first?' | undefined {
  const compact = COMPACT.exec(text);
  if (compact !== null) {
    const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = '', zone] = compact;
    const at = { hour: Number(hour), minute: Number(minute), second: Number(second), fraction, zone };
    return { year: Number(year), month: Number(month), day: Number(day), ...at };
  }
  const split = AFTER_DATE.exec(text.replace(DAY_OF_WEEK, ''));
  if (split === null) return undefined;
  const [, date = '', hour = '0', minute = '0', second = '0', fraction = '', half, zone] = split;
  const found = dateForm(date.trim(), order);
  if (typeof found !== 'object') return found;
  const clock = { hour: hourOf(Number(hour), half), minute: Number(minute), second: Number(second), fraction, zone };
  return { ...found, ...clock };
}

type DateParts = Pick<CalendarParts, 'year' | 'month' | 'day'>;

function dateForm(text: string, order: DayOrder | undefined): DateParts | 'day or month first?' | undefined {
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst !== null) return { year: Number(yearFirst[1]), month: Number(yearFirst[3]), day: Number(yearFirst[4]) };
  const numeric = NUMERIC.exec(text);
  if (numeric !== null) {
    const [one, other, last] = [Number(numeric[1]), Number(numeric[3]), Number(numeric[4])];
    const year = last < 100 ? 2000 + last : last;
    const known = numeric[2] === '.' ? 'day first' : (orderIn(one, other, last) ?? order);
    if (known === undefined) return 'day or month first?';
    return known === 'day first' ? { year, month: other, day: one } : { year, month: one, day: other };
  }
  const dayFirst = DAY_NAME_MONTH.exec(text);
  if (dayFirst !== null) return named(dayFirst[3], dayFirst[2], dayFirst[1]);
  const monthFirst = MONTH_DAY_NAME.exec(text);
  return monthFirst === null ? undefined : named(monthFirst[3], monthFirst[1], monthFirst[2]);
}

function named(year = '', month = '', day = ''): DateParts | undefined {
  const index = MONTHS.indexOf(month.slice(0, 3).toLowerCase());
  return index === -1 ? undefined : { year: Number(year), month: index + 1, day: Number(day) };
}

/** 12-hour clocks: 12 AM is 0, 12 PM is 12; an hour that such a clock does not have stays impossible. */
function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return Number.NaN;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

/** The order that the dates of a column tell: any whose day is above 12. Undefined when none tells, or when they contradict each other. */
export function dayOrderOf(cells: Iterable<string>): DayOrder | undefined {
  const found = new Set<DayOrder>();
  let [noYear, noMonth] = [false, false];
  for (const cell of cells) {
    const numeric = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})\b/.exec(cell);
    if (numeric === null) continue;
    const [one, other, year] = [Number(numeric[1]), Number(numeric[2]), Number(numeric[3])];
    const order = orderIn(one, other, year);
    if (order !== undefined) found.add(order);
    noYear ||= one < EARLIEST_YEAR;
    noMonth ||= one > 12;
  }
  // Some of the first parts are no year and others no month: so they are days.
  if (found.size === 0 && noYear && noMonth) return 'day first';
  return found.size === 1 ? [...found][0] : undefined;
}

/** There was nothing to bill before 2020. */
const EARLIEST_YEAR = 20;

/** The order that one date tells. With a year of two digits 23/11/16 may begin with the year, so a large first part says nothing. */
function orderIn(one: number, other: number, year: number): DayOrder | undefined {
  if (one > 12) return year < 100 && one >= EARLIEST_YEAR ? undefined : 'day first';
  return other > 12 ? 'month first' : undefined;
}
