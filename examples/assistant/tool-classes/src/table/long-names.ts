/** Longest name of a column, a model or a group, in characters: results repeat them, and a cell may hold megabytes. */
export const LONGEST_NAME = 200;

export function cutName(name: string): string {
  return name.length > LONGEST_NAME ? name.slice(0, LONGEST_NAME).toWellFormed() : name;
}
