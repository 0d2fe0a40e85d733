import type { GivenFigures } from './given-figures.ts';
import { isWritten } from './read-number.ts';

/** English only; the model is told to write digits in any language. `one` and `first` say too little, and `second` is a span of time. */
const COUNTS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const TIMES: Readonly<Record<string, number>> = { twice: 2, double: 2, thrice: 3, triple: 3 };
const PARTS = ['half', 'third', 'quarter', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];
const PART_OF: Readonly<Record<string, number>> = { half: 2, third: 3, quarter: 4, fourth: 4, fifth: 5, sixth: 6 };
const LARGER =
  'eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|dozens?|hundreds?';

const PART = `(?:${PARTS.join('|')})`;
const SPELLED = new RegExp(
  [
    String.raw`\b(?:(?<many>two|three|four|five|seven|nine)[ -])?(?<part>${PART})s?\b`,
    String.raw`\b(?<times>twice|thrice|double|triple)[sd]?\b`,
    String.raw`\b(?<larger>${LARGER}|(?<!\d[\u00a0 -]?|\bper )(?:thousands?|millions?|billions?))\b`,
    String.raw`\b(?<count>zero|two|three|four|five|six|seven|eight|nine|ten)\b`,
  ].join('|'),
  'gi',
);
/** How far a part may be rounded: 0.3288 is no third. */
const PART_ROUNDING = 0.005;

/** The numbers in letters that no tool gave. Those from eleven on never pass. */
export function unprovenWords(text: string, given: GivenFigures): string[] {
  return [...text.matchAll(SPELLED)].filter(({ groups }) => !isGiven(groups ?? {}, given)).map(([whole]) => whole);
}

function isGiven(groups: Record<string, string | undefined>, given: GivenFigures): boolean {
  const { many, part, times, count } = groups;
  const whole = (value: number): boolean => given.numbers.some((number) => isWritten(number, { value, rounding: 0.5 }));
  if (part !== undefined) {
    const of = PART_OF[part.toLowerCase()] ?? PARTS.indexOf(part.toLowerCase()) + 1;
    const share = (many === undefined ? 1 : COUNTS.indexOf(many.toLowerCase())) / of;
    // Ordinals, which `the third` is too, are counts.
    const isCount = many === undefined && of > 2 && part.toLowerCase() !== 'quarter' && whole(of);
    const shares = [...given.shares, ...given.percentiles.map((percent) => percent / 100)];
    return isCount || shares.some((one) => isWritten(one, { value: share, rounding: PART_ROUNDING }));
  }
  if (times !== undefined) return whole(TIMES[times.toLowerCase()] ?? 0);
  return count !== undefined && whole(COUNTS.indexOf(count.toLowerCase()));
}
