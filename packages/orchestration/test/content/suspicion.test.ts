import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldText } from '../../src/content/fold-text.ts';
import { suspicionOf } from '../../src/content/suspicion.ts';

const marks = ['Agent processed:', 'emergency_mode', 'degraded functionality', 'fi', 's', 'i', '', 'ÄÖ ß', '…'];
const meets = {
  equals: (text: string, mark: string) => text === mark,
  startsWith: (text: string, mark: string) => text.startsWith(mark),
  contains: (text: string, mark: string) => text.includes(mark),
} as const;
const kinds = ['equals', 'startsWith', 'contains'] as const;

/** Characters that fold to something else, fold away, or stay. */
const tricky = fc.constantFrom(
  ...'aAsSiIfF ',
  ...['\t', '\n', '\r', '\v', '\f', '\u00a0', '\u200b', '\u00ad', '\u0301', '\u0307', '\u0085', '\u3000', '\u2028'],
  ...[
    'ß',
    'ẞ',
    'ſ',
    'ﬁ',
    'ı',
    'İ',
    'K',
    'ª',
    '²',
    '…',
    '–',
    '€',
    '→',
    'é',
    'Ａ',
    'ｓ',
    'Σ',
    'ς',
    'Ж',
    '中',
    'ガ',
    '\u3099',
  ],
);
const text = fc
  .array(fc.oneof(tricky, fc.constantFrom(...marks), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 12 })
  .map((parts) => parts.join(''));

test('no text that meets a mark goes unsuspected', () => {
  fc.assert(
    fc.property(text, fc.constantFrom(...kinds), fc.subarray(marks, { minLength: 1 }), (said, kind, some) => {
      const folded = some.map((mark) => foldText(mark));
      const met = folded.some((mark) => meets[kind](foldText(said), mark));
      const suspected = suspicionOf(folded.map((mark) => ({ kind, folded: mark })))(said);
      if (met) expect(suspected).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test('of no single character that folds to an ASCII letter, sign or nothing does it know better', () => {
  const wrong: string[] = [];
  const suspicious = suspicionOf([{ kind: 'contains', folded: 'no such word' }]);
  for (let code = 0x80; code <= 0xffff; code += 1) {
    const said = String.fromCharCode(code);
    if (!suspicious(said) && /^$|[\x21-\x7e]/.test(foldText(said))) wrong.push(code.toString(16));
  }
  expect(wrong).toEqual([]);
});

test('what people write is not suspected', () => {
  const could = suspicionOf([
    { kind: 'startsWith', folded: 'agent processed your message:' },
    { kind: 'contains', folded: 'degraded functionality' },
    { kind: 'equals', folded: 'chatagent' },
  ]);
  for (const said of [
    'Costs rose by 14 % – mostly “gpt-4” → €312. Ärger über Größe? Nein.'.replace('ß', 'ss'),
    'The\n  table shows\tthe agents’ spending.',
    'Стоимость выросла',
    '費用が増えた',
  ])
    expect(could(said)).toBe(false);
  for (const said of ['  AGENT processed', 'it has Functionality', 'straße']) expect(could(said)).toBe(true);
});
