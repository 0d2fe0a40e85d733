import type { GivenFigures } from './given-figures.ts';
import { withoutOrdinals, withoutQuotes } from './quoted.ts';
import { isWritten, PERCENT, readingsOf, type Reading } from './read-number.ts';
import { unprovenWords } from './spelled-figures.ts';
import { checkTimes } from './stated-times.ts';

/** A number with what it is glued to or followed by. A letter before it makes it part of a word, such as `p99`. */
const NUMBER =
  /(?<word>[\p{L}_]{1,20})?(?<digits>\d+(?:[.,'’_]\d+)*(?:[eE][+-]?\d+)?)(?:(?<percent>[\u00a0 ]?(?:%|per ?cent\b|percent\b|Prozent\b))|(?<scaled>[\u00a0 -]?(?<scale>[kKMB]|thousand|million|billion|bn|Tausend|Millionen|Million|Milliarden?)(?![\p{L}\d]))|(?<timed>[\u00a0 -]?(?<unit>ms|milliseconds?|s|secs?|seconds?|min|mins|minutes?|h|hrs?|hours?|d|days?|Millisekunden?|Sekunden?|Minuten?|Stunden?|Tagen?|Tage?)(?![\p{L}\d]))|(?<order>st|nd|rd|th)\b)?/gu;
/** One number over another is a third one that no tool gave. */
const FRACTION = /(?<![\d/])\d+\s?[/⁄]\s?\d+(?![\d/])/g;
/** Digits of other scripts. */
const FOREIGN = /[^\P{N}0-9]+/gu;

/** What makes the number behind it that of a row, also further on in a list of them. */
const ROW_BEFORE =
  /\b(?:rows?|lines?|elements?|Zeilen?)[\s*]{1,4}(?:[\d,]{1,12}(?:,? and|,? to|,| und| bis|[–-])\s?){0,20}$/i;
/** Characters in which that list is looked for. */
const LONGEST_LIST = 200;

/** Characters of a figure that are repeated. */
const LONGEST_NAMED = 40;

const SCALES: Record<string, number> = {
  ...{ k: 1e3, K: 1e3, thousand: 1e3, Tausend: 1e3 },
  ...{ M: 1e6, million: 1e6, Million: 1e6, Millionen: 1e6 },
  ...{ B: 1e9, bn: 1e9, billion: 1e9, Milliarde: 1e9, Milliarden: 1e9 },
};

/**
 * The figures of a text that no tool gave, as they are written; the rule is in the README of the assistant. It proves where a
 * figure comes from, not that it is said of the right thing.
 */
export function unprovenFigures(text: string, given: GivenFigures, question: string): string[] {
  // Spaces that only group digits become a separator that nothing else is; then one form for each character.
  const grouped = text.replace(/(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))/g, '_').normalize('NFKC');
  const own = withoutOrdinals(withoutQuotes(grouped, given, question));
  const { unproven, rest } = checkTimes(own, given.times);
  const found = [
    ...unproven,
    ...[...rest.matchAll(FRACTION)].map(([whole]) => whole),
    ...unprovenWords(rest, given),
    ...[...rest.matchAll(FOREIGN)].map(([whole]) => whole),
    ...[...rest.replace(FRACTION, ' ').matchAll(NUMBER)]
      .filter(({ groups, index, input }) => {
        const before = input.slice(Math.max(0, index - LONGEST_LIST), index);
        return !(isGiven(groups ?? {}, given) || (ROW_BEFORE.test(before) && isRow(groups ?? {}, given)));
      })
      .map(([whole]) => whole.trim()),
  ];
  return [...new Set(found.map((figure) => figure.slice(0, LONGEST_NAMED)))];
}

function isGiven(groups: Record<string, string | undefined>, given: GivenFigures): boolean {
  const { word = '', digits = '', percent, scale, unit, order } = groups;
  // Part of a word: how a key of the results names a quantile, else it belongs into backticks.
  if (word !== '') return /^p$/i.test(word) && given.percentiles.includes(Number(digits));
  const readings = readingsOf(digits);
  const some = (values: readonly number[], of = 1): boolean => readings.some((reading) => isOneOf(values, reading, of));
  if (percent !== undefined) return some(given.shares, PERCENT) || some(given.percentiles);
  if (order !== undefined) return some(given.percentiles) || some(given.numbers);
  if (scale !== undefined) return some(given.numbers, SCALES[scale]);
  if (unit !== undefined) return some(given.durationsMs, millisecondsIn(unit));
  return some(given.numbers);
}

function isRow(
  { word = '', digits = '', percent, scale, unit }: Record<string, string | undefined>,
  given: GivenFigures,
): boolean {
  if (word !== '' || percent !== undefined || scale !== undefined || unit !== undefined) return false;
  return readingsOf(digits).some(({ value }) => given.rows.has(value));
}

function isOneOf(values: readonly number[], reading: Reading, unit: number): boolean {
  return values.some((value) => isWritten(value, reading, unit));
}

function millisecondsIn(unit: string): number {
  const letter = unit.toLowerCase();
  if (letter.startsWith('ms') || letter.startsWith('milli')) return 1;
  if (letter.startsWith('s')) return letter.startsWith('st') ? 3_600_000 : 1000;
  if (letter.startsWith('m')) return 60_000;
  if (letter.startsWith('h')) return 3_600_000;
  return 86_400_000;
}
