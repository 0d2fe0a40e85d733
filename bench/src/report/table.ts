import { type Row, shareOfTarget } from '../measure/figure.ts';
import { measured, ratioText, spreadText, targetText } from './numbers.ts';

const heads = ['figure', 'ours: median (quartiles)', 'reference of the same run', 'ratio', 'target', ''] as const;

/** The rows as cells: what a terminal and a document both show. */
export function cellsOf(row: Row): string[] {
  const { reference } = row;
  return [
    row.what,
    spreadText(row),
    `${reference.what}: ${measured(reference.value.median, reference.unit)}`,
    ratioText(row.ratio),
    targetText(row.target),
    verdict(row),
  ];
}

/** For a terminal: columns side by side. */
export function plainTable(rows: readonly Row[]): string {
  const lines = [[...heads], ...rows.map(cellsOf)];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** For a document. */
export function markdownTable(rows: readonly Row[]): string {
  return markdown(heads, rows.map(cellsOf));
}

/** For a document: the medians of what has a target, and how many of these are met. */
export function targetTable(rows: readonly Row[]): string {
  const judged = rows.filter((row) => row.target !== undefined);
  const lines = judged.map((row) => cellsOf(row).with(1, measured(row.ours.median, row.unit)));
  const met = judged.filter((row) => verdict(row) === 'met').length;
  const names = ['figure', 'ours', 'reference of the same run', 'ratio', 'target', `${met} of ${judged.length} met`];
  return markdown(names, lines);
}

function markdown(names: readonly string[], rows: readonly (readonly string[])[]): string {
  return [names, names.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function verdict(row: Row): string {
  const share = shareOfTarget(row);
  if (share === undefined) return '';
  return share <= 1 ? 'met' : 'missed';
}
