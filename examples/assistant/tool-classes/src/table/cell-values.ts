import type { DecimalSign } from './number-style.ts';
import type { Cell } from './records.ts';

/** A value or the words why the cell has none. */
export type Parsed = { value: number } | { problem: string };

const GROUPED = { '.': /^\d{1,3}(?:[, _'\u00a0\u202f]\d{3})+$/, ',': /^\d{1,3}(?:[. _'\u00a0\u202f]\d{3})+$/ };

/** Token counts: whole, not negative; digits may be grouped in thousands ("4,808", or "4.808" where the decimal sign is a comma). */
export function parseTokens(cell: Cell, decimal: DecimalSign = '.'): Parsed {
  if (typeof cell === 'number') return tokens(cell);
  if (typeof cell === 'boolean') return { problem: 'not a number' };
  const text = cell.trim();
  if (text === '') return { problem: 'empty' };
  if (GROUPED[decimal].test(text)) return tokens(Number(text.replace(/\D/g, '')));
  return tokens(Number(decimal === ',' ? withPoint(text) : text));
}

function tokens(value: number): Parsed {
  if (!Number.isFinite(value)) return { problem: 'not a number' };
  if (value < 0) return { problem: 'negative' };
  if (!Number.isSafeInteger(value)) return { problem: 'not a whole number of tokens' };
  return { value };
}

const THOUSANDS = {
  '.': /^-?\d{1,3}(?:[, '\u00a0\u202f]\d{3})+(?:\.\d+)?$/,
  ',': /^-?\d{1,3}(?:[. '\u00a0\u202f]\d{3})+(?:,\d+)?$/,
};

/** Amounts of money: a currency sign or code around the number is allowed, a negative amount (a credit) too. `perUnit` is 0.01 for cents. */
export function parseMoney(cell: Cell, decimal: DecimalSign = '.', perUnit = 1): Parsed {
  if (typeof cell === 'boolean') return { problem: 'not a number' };
  const text = String(cell)
    .trim()
    .replace(/^(-?)(?:[$€£¥]|[A-Z]{3})\s*|\s*(?:[$€£¥]|[A-Z]{3})$/g, '$1');
  if (text === '') return { problem: 'empty' };
  const groups = decimal === ',' ? /[. '\u00a0\u202f]/g : /[, '\u00a0\u202f]/g;
  const plain = THOUSANDS[decimal].test(text) ? text.replace(groups, '') : text;
  const value = Number(decimal === ',' && typeof cell === 'string' ? withPoint(plain) : plain);
  return Number.isFinite(value) ? { value: value * perUnit } : { problem: 'not an amount' };
}

/** A number with a decimal comma as JavaScript reads it; a point left over makes it unreadable, as it should. */
function withPoint(text: string): string {
  return text.includes('.') ? 'NaN' : text.replace(',', '.');
}

/** A duration in milliseconds, from a cell in the unit that the name of its column states. */
export function parseDuration(cell: Cell, perUnitMs: number, decimal: DecimalSign = '.'): Parsed {
  if (typeof cell === 'boolean') return { problem: 'not a number' };
  const text = String(cell).trim();
  if (text === '') return { problem: 'empty' };
  const value = Number(decimal === ',' && typeof cell === 'string' ? withPoint(text) : text);
  if (!Number.isFinite(value)) return { problem: 'not a number' };
  return value < 0 ? { problem: 'negative' } : { value: value * perUnitMs };
}

const SIGNS: Record<string, string> = { $: 'USD', '€': 'EUR', '£': 'GBP', '¥': 'JPY' };

/** The currency that a cell or a column's name states, if any; nothing is assumed. */
export function currencyIn(text: string): string | undefined {
  const sign = /[$€£¥]/.exec(text)?.[0];
  if (sign !== undefined) return SIGNS[sign];
  const code = /(?:^|[^a-z])(usd|eur|gbp|jpy|chf|cad|aud|inr|cny)(?:$|[^a-z])/i.exec(text)?.[1];
  return code?.toUpperCase();
}
