import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldText } from '../../src/content/index.ts';

describe('the folded form of a text', () => {
  const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());

  test('is the same when folded again', () => {
    fc.assert(
      fc.property(anyText, (text) => void expect(foldText(foldText(text))).toBe(foldText(text))),
      { numRuns: 2000 },
    );
  });

  test('does not depend on case, Unicode form or white space around', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const folded = foldText(text);
        expect(foldText(text.toUpperCase())).toBe(folded);
        expect(foldText(text.normalize('NFD'))).toBe(folded);
        expect(foldText(` \t\n${text}\u3000`)).toBe(folded);
      }),
      { numRuns: 2000 },
    );
  });

  test('is the same on the quick way of plain texts as on the way of all others', () => {
    const plain = fc.string({ unit: fc.constantFrom('a', 'B', 'z', '.', ' ', '\t', '\n', '\r') });
    fc.assert(
      fc.property(plain, (text) => {
        expect(foldText(`e${text}e`).slice(1, -1)).toBe(foldText(`é${text}é`).slice(1, -1));
      }),
      { numRuns: 2000 },
    );
  });

  test('keeps different words apart', () => {
    expect(foldText('agent')).not.toBe(foldText('agents'));
    expect(foldText('a b')).not.toBe(foldText('ab'));
    expect(foldText('Straße ΟΔΟΣ')).toBe(foldText('STRASSE οδος'));
  });

  test('of a text of eight megabytes is found without exhausting the stack', () => {
    expect(foldText('A '.repeat(4_000_000)).length).toBe(7_999_999);
    expect(foldText('É  '.repeat(2_000_000)).length).toBe(3_999_999);
  });
});
