import type { Cell, RawRow } from './records.ts';

/** What exports write where they have no value. */
const EMPTY = /^(?:null|none|nan|nil|n\/a|#n\/a|-{1,3}|–|—)$/i;
const LONGEST = 4;

/** Makes cells empty that say in words that they are. */
export function emptyCells(rows: readonly RawRow[]): void {
  for (const { cells } of rows) {
    for (const [index, cell] of cells.entries()) if (isEmptyWord(cell)) cells[index] = '';
  }
}

function isEmptyWord(cell: Cell): boolean {
  return typeof cell === 'string' && cell.length > 0 && cell.length <= LONGEST && EMPTY.test(cell);
}
