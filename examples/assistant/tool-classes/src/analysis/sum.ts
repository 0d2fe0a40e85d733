/**
 * Sum with Neumaier's compensation: token counts stay exact as before, and thousands of small amounts of money add up to what a
 * calculator with decimals would show.
 */
export function sum(values: Iterable<number>): number {
  let total = 0;
  let lost = 0;
  for (const value of values) {
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

/** Rounds away the noise of binary fractions; nine significant digits below the point of any amount that matters here. */
export function tidy(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}

/** A part of a whole, 0 when the whole is 0. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : tidy(part / whole);
}
