import type { Prices } from '../runs/run-request.ts';

const SIGNS: Readonly<Record<string, string>> = { $: 'USD', '€': 'EUR', '£': 'GBP', '¥': 'JPY' };
const WORDS: Readonly<Record<string, string>> = { dollar: 'USD', euro: 'EUR', pound: 'GBP', yen: 'JPY' };
const NUMBER = String.raw`\d{1,9}(?:\.\d{1,9})?(?![\d.,]*\d)`;
const CURRENCY = 'USD|EUR|GBP|JPY|CHF|CAD|AUD|INR|CNY|dollars?|euros?|pounds?|yen';
const AMOUNT = String.raw`(?:(?<sign>[$€£¥])\s?(?<signed>${NUMBER})|(?<coded>${NUMBER})\s?(?<code>${CURRENCY})\b)`;
const SCALE = String.raw`(?<scale>(?:1\s?|one )?(?:million|mn|M)|1,?000,?000|(?:1\s?|one )?(?:thousand|k)|1,?000)\b`;
const PRICE = new RegExp(
  String.raw`${AMOUNT}\s*(?:per|/|for|a)\s*${SCALE}(?:\s+tokens?)?(?:\s+of)?\s+(?<kind>input|prompt|output|completion)\b`,
  'giu',
);
/** An amount of money for so many tokens, however it goes on. */
const LIKE_A_PRICE = new RegExp(
  String.raw`(?:[$€£¥]\s?\d[\d.,]{0,19}|\d[\d.,]{0,19}\s?(?:${CURRENCY})\b)\s*(?:per|/|for|a|each)\s*(?:${SCALE}|tokens?\b)`,
  'giu',
);

/**
 * Prices that a text states beyond doubt: one for input and one for output tokens, in one currency, with what they are for right behind each, such as
 * "$3 per million input tokens and $15 per million output". `unclear` where it states what looks like prices in another way: nothing is guessed.
 */
export function pricesInText(text: string): Prices | 'unclear' | undefined {
  const alike = [...text.matchAll(LIKE_A_PRICE)];
  if (alike.length === 0) return undefined;
  const read = [...text.matchAll(PRICE)].map(({ groups = {} }) => readPrice(groups));
  const input = read.find(({ kind }) => kind === 'input');
  const output = read.find(({ kind }) => kind === 'output');
  if (alike.length !== 2 || read.length !== 2 || input?.currency !== output?.currency) return 'unclear';
  if (input === undefined || output === undefined) return 'unclear';
  return { inputPerMillion: input.perMillion, outputPerMillion: output.perMillion, currency: input.currency };
}

function readPrice(groups: Record<string, string | undefined>): {
  kind: 'input' | 'output';
  perMillion: number;
  currency: string;
} {
  const { sign = '', signed, coded, code = '', scale = '', kind = '' } = groups;
  const word = code.toLowerCase().replace(/s$/, '');
  const isThousand = /^(?:(?:1\s?|one )?(?:thousand|k)|1,?000)$/i.test(scale);
  const amount = Number(signed ?? coded);
  return {
    kind: /^(?:input|prompt)$/i.test(kind) ? 'input' : 'output',
    // Without the noise of binary fractions: 0.003 for a thousand is 3 for a million.
    perMillion: isThousand ? Number((amount * 1000).toPrecision(12)) : amount,
    currency: SIGNS[sign] ?? WORDS[word] ?? code.toUpperCase(),
  };
}
