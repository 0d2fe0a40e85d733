import { currencyIn } from './cell-values.ts';
import type { RecognisedColumn } from './recognise-columns.ts';
import type { RawRow } from './records.ts';

/** The currencies of the rows that have an amount, as their cells say, else the column of currencies beside, else the name of the cost column. */
export function currenciesOf(
  rows: readonly RawRow[],
  amounts: Float64Array,
  cost: RecognisedColumn,
  beside: RecognisedColumn | undefined,
): string[] {
  const named = currencyIn(cost.name);
  const stated = rows.map((row, index) => {
    if (Number.isNaN(amounts[index])) return undefined;
    const own = currencyOfCell(String(row.cells[cost.index] ?? ''));
    return own ?? (beside && currencyOfCell(String(row.cells[beside.index] ?? ''))) ?? named;
  });
  return [...new Set(stated)].filter((one) => one !== undefined);
}

/** Any code of three letters: beside an amount, or alone in a column of currencies, it is nothing else. */
export function currencyOfCell(text: string): string | undefined {
  const code = /^([a-z]{3})(?![a-z])|(?:^|[^a-z])([a-z]{3})$/i.exec(text.trim());
  return currencyIn(text) ?? (code?.[1] ?? code?.[2])?.toUpperCase();
}
