import { describe, expect, it } from 'vitest';
import { pricesInText } from '../../src/prices/prices-in-text.ts';

describe('prices in a text', () => {
  it.each([
    ['What does it cost at $3 per million input tokens and $15 per million output?', 3, 15, 'USD'],
    ['€0.5/M input, €1.25/M output', 0.5, 1.25, 'EUR'],
    ['$0.003 per 1K input tokens and $0.015 per 1K output tokens', 3, 15, 'USD'],
    ['2 EUR per million prompt tokens, 8 EUR per million completion tokens', 2, 8, 'EUR'],
    ['15 dollars per million tokens of output and 3 dollars per million tokens of input', 3, 15, 'USD'],
  ])('are read when they leave no doubt: %s', (text, inputPerMillion, outputPerMillion, currency) => {
    expect(pricesInText(text)).toEqual({ inputPerMillion, outputPerMillion, currency });
  });

  it.each([
    'at $3 per million tokens',
    '$3 per million input tokens',
    '$3 per million input tokens and €15 per million output tokens',
    '$3 per million input and $15 per million output, or $1 per million input for the small model',
    '$3 per million input and $4 per million input',
    '$1,50 per million input and $2,50 per million output',
    '$0.00001 per token',
  ])('are not guessed, and that is noticed: %s', (text) => expect(pricesInText(text)).toBe('unclear'));

  it.each(['Which requests cost more than $5?', 'Where do the tokens go?', 'at most 5 million input tokens', ''])(
    'are not seen where there are none: %s',
    (text) => expect(pricesInText(text)).toBeUndefined(),
  );

  it('are looked for in a text of any form without taking long', () => {
    for (const part of ['$1', '$1 per million ', '1 USD', '1,', '€ ', '1 ']) {
      pricesInText(part.repeat(100_000 / part.length));
    }
  });
});
