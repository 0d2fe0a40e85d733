/** What a caller did wrong, as the tools say it. `expected` and `found` name both sides, so that the sentence alone tells what to do. */
export const REFUSAL_CODES = [
  'not_a_table',
  'empty_table',
  'missing_columns',
  'no_usable_rows',
  'too_large',
  'unknown_table',
  'invalid_arguments',
  'unknown_tool',
  'too_busy',
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

export interface Refusal {
  code: RefusalCode;
  message: string;
  expected: string;
  found: string;
}

/** A step that either has a value or a refusal the caller can act on; anything else that goes wrong is thrown. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

export function accept<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function refuse(code: RefusalCode, message: string, expected: string, found: string): Outcome<never> {
  return { ok: false, refusal: { code, message, expected, found } };
}

const QUOTE_LENGTH = 80;

/** A short, single-line quotation of what was found; uploaded text may be long or binary. */
export function quote(text: string): string {
  // Control characters are exactly what must not reach a message.
  const line = text.replace(/[\u0000-\u001f\u007f\s]+/g, ' ').trim();
  return line.length > QUOTE_LENGTH ? `"${line.slice(0, QUOTE_LENGTH)}…"` : `"${line}"`;
}
