/** Hours from UTC of the abbreviations that stand for one zone only, wherever dates are written in English. */
const HOURS: Readonly<Record<string, number>> = {
  ...{ Z: 0, UTC: 0, GMT: 0, WET: 0, WEST: 1, CET: 1, CEST: 2, EET: 2, EEST: 3, MSK: 3 },
  ...{ EST: -5, EDT: -4, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7, AKST: -9, AKDT: -8, HST: -10 },
  ...{ SGT: 8, HKT: 8, KST: 9, JST: 9, AEST: 10, AEDT: 11, NZST: 12, NZDT: 13 },
};
/** Central or China, India or Ireland or Israel, British or Bangladesh: nobody can tell. */
const SEVERAL = ['CST', 'IST', 'BST', 'AST'];

/** A zone behind a time, as part of a regular expression: a name, an offset, or both as in `GMT+0100`. */
export const ZONE = String.raw`(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?|${[...Object.keys(HOURS), ...SEVERAL].join('|')}`;

/** Milliseconds from UTC, or undefined for a name of several zones. No zone is UTC. */
export function offsetMs(zone = 'Z'): number | undefined {
  const hours = HOURS[zone.toUpperCase()];
  if (hours !== undefined) return hours * 3_600_000;
  const offset = /([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  if (offset === null) return undefined;
  const minutes = Number(offset[2]) * 60 + Number(offset[3] ?? 0);
  return (offset[1] === '-' ? -minutes : minutes) * 60_000;
}
