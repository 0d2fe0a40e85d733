import { refuse, type Outcome } from './refusal.ts';

/** Most cells of a table, rows times columns: what a worker can hold in its memory while it reads. 10 MiB of usual rows have a fourth of them. */
export const MAX_CELLS = 4_000_000;

export function tooManyCells(found: string): Outcome<never> {
  return refuse(
    'too_large',
    `The table has more than ${MAX_CELLS} cells (rows times columns). Send a shorter time span or fewer columns.`,
    `at most ${MAX_CELLS} cells`,
    found,
  );
}
