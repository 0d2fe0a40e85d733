const MONTHS = 'January|February|March|April|May|June|July|August|September|October|November|December'.split('|');
const MONTH = `(?:${MONTHS.map((month) => `${month}|${month.slice(0, 3)}\\.?`).join('|')})`;

const DATE_TIME = /(?<!\d)\d{4}-\d{2}-\d{2}(?:(?:T|,? )\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?!\d)/g;
const CLOCK = /(?<![\d:])\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?![\d:])/g;
const ORDER = '(?:st|nd|rd|th)?';
const DAY_FIRST = new RegExp(
  String.raw`\b(?<day>\d{1,2})${ORDER}\.? (?<month>${MONTH})(?:,? (?<year>\d{4}))?(?!\d)`,
  'g',
);
const MONTH_FIRST = new RegExp(
  String.raw`\b(?<month>${MONTH}) (?<day>\d{1,2})${ORDER}(?:,? (?<year>\d{4}))?(?!\d)`,
  'g',
);
const MONTH_ONLY = new RegExp(String.raw`\b(?<month>${MONTH}) (?<year>\d{4})(?!\d)`, 'g');

/**
 * Times of the text that no tool gave, and the text without all times. `times` are UTC, as `2024-05-01 13:45:00.000`; a text may give
 * them shorter, down to a date or a time of day.
 */
export function checkTimes(text: string, times: readonly string[]): { unproven: string[]; rest: string } {
  const unproven: string[] = [];
  let rest = text;
  const take = (form: RegExp, isOf: (time: string, match: RegExpExecArray) => boolean): void => {
    for (const match of rest.matchAll(form)) if (!times.some((time) => isOf(time, match))) unproven.push(match[0]);
    rest = rest.replace(form, ' ');
  };
  take(DATE_TIME, (time, [written]) => time.startsWith(written.replace(/T|,? /, ' ')));
  take(CLOCK, (time, [written]) => time.slice('2024-05-01 '.length).startsWith(written.replace(/^(?=\d:)/, '0')));
  // The longer forms first: a shorter one would leave their days behind.
  for (const form of [DAY_FIRST, MONTH_FIRST, MONTH_ONLY]) take(form, (time, { groups }) => isDay(time, groups ?? {}));
  return { unproven, rest };
}

function isDay(time: string, { day, month = '', year }: Record<string, string | undefined>): boolean {
  const [y, m, d] = time.slice(0, '2024-05-01'.length).split('-').map(Number);
  const named = MONTHS.findIndex((name) => name.startsWith(month.slice(0, 3))) + 1;
  return named === m && (day === undefined || Number(day) === d) && (year === undefined || Number(year) === y);
}
