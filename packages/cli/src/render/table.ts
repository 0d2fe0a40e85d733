import { fitText, padText, textWidth } from './text-width.ts';

/** Rows under a heading, columns as wide as what is in them, no line wider than `columns` and none ending in spaces. */
export function tableLines(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): string[] {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => textWidth(row[column] ?? ''))));
  return all.map((row) =>
    fitText(
      row
        .map((cell, column) => padText(cell, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
      columns,
    ),
  );
}
