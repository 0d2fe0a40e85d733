import { type Inline, parseInline } from './inline.ts';

type Cell = readonly Inline[];
export type Table = {
  readonly is: 'table';
  readonly head: readonly Cell[];
  readonly rows: readonly (readonly Cell[])[];
  readonly align: readonly ('left' | 'right' | 'center')[];
};

const divider = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** A line with columns and a line of dashes below it. */
export function startsTable(lines: readonly string[], at: number): boolean {
  const [head = '', dashes = ''] = lines.slice(at, at + 2);
  return (
    head.includes('|') &&
    dashes.includes('-') &&
    divider.test(dashes) &&
    cellsOf(head).length === cellsOf(dashes).length
  );
}

/** @param lines head, dashes, rows. Rows get as many cells as the head has. */
export function parseTable([head = '', dashes = '', ...rows]: readonly string[]): Table {
  const titles = cellsOf(head);
  const cells = (line: string): Cell[] => {
    const found = cellsOf(line);
    return titles.map((_, index) => parseInline(found[index] ?? ''));
  };
  const align = cellsOf(dashes).map((dash) =>
    dash.endsWith(':') ? (dash.startsWith(':') ? 'center' : 'right') : 'left',
  );
  return { is: 'table', head: titles.map((title) => parseInline(title)), rows: rows.map(cells), align };
}

function cellsOf(line: string): string[] {
  const inner = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
}
