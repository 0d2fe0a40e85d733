import type { Cell } from './records.ts';

/** A value or the words why the cell has none. */
export type Parsed = { value: number } | { problem: string };

const GROUPED = /^\d{1,3}(?:[, _'\u00a0\u202f]\d{3})+$/;

/** Token counts: whole, not negative; digits may be grouped in thousands ("4,808"). */
export function parseTokens(cell: Cell): Parsed {
  if (typeof cell === 'boolean') return { problem: 'not a number' };
  const text = String(cell).trim();
  if (text === '') return { problem: 'empty' };
  const value = Number(GROUPED.test(text) ? text.replace(/\D/g, '') : text);
  if (!Number.isFinite(value)) return { problem: 'not a number' };
  if (value < 0) return { problem: 'negative' };
  if (!Number.isSafeInteger(value)) return { problem: 'not a whole number of tokens' };
  return { value };
}

/** Amounts of money: a currency sign or code around the number is allowed, a negative amount (a credit) too. */
export function parseMoney(cell: Cell): Parsed {
  if (typeof cell === 'boolean') return { problem: 'not a number' };
  const text = String(cell)
    .trim()
    .replace(/^[$€£¥]\s*|\s*(?:[$€£¥]|[A-Z]{3})$/g, '');
  if (text === '') return { problem: 'empty' };
  const plain = /^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text;
  const value = Number(plain);
  return Number.isFinite(value) ? { value } : { problem: 'not an amount' };
}

const SIGNS: Record<string, string> = { $: 'USD', '€': 'EUR', '£': 'GBP', '¥': 'JPY' };

/** The currency that a cell or a column's name states, if any; nothing is assumed. */
export function currencyIn(text: string): string | undefined {
  const sign = /[$€£¥]/.exec(text)?.[0];
  if (sign !== undefined) return SIGNS[sign];
  const code = /(?:^|[^a-z])(usd|eur|gbp|jpy|chf|cad|aud|inr|cny)(?:$|[^a-z])/i.exec(text)?.[1];
  return code?.toUpperCase();
}
