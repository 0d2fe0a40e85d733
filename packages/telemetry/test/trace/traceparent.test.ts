import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contextFrom, newTraceparent, traceIdOf } from '../../src/index.ts';
import { formatTraceparent, parseTraceparent } from '../../src/trace/traceparent.ts';

const hex = (digits: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: digits, maxLength: digits })
    .map((parts) => parts.join(''))
    .filter((id) => !/^0+$/.test(id));

describe('a traceparent', () => {
  test('survives being read and written', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.constantFrom('00', '01'), (traceId, spanId, flags) => {
        const text = `00-${traceId}-${spanId}-${flags}`;
        const read = parseTraceparent(text);
        expect(read).toMatchObject({ traceId, spanId });
        expect(read && formatTraceparent(read)).toBe(text);
      }),
    );
  });

  test('is new each time, sampled and valid', () => {
    // More than are made of one draw of random bytes.
    const made = Array.from({ length: 1000 }, newTraceparent);
    expect(new Set(made.map(traceIdOf)).size).toBe(made.length);
    for (const each of made) expect(each).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  const id = '4bf92f3577b34da6a3ce929d0e0e4736';
  test.each([
    ['is empty', ''],
    ['has upper case', `00-${id.toUpperCase()}-00f067aa0ba902b7-01`],
    ['has an id of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['has a span id of zeros', `00-${id}-${'0'.repeat(16)}-01`],
    ['is of the forbidden version', `ff-${id}-00f067aa0ba902b7-01`],
    ['has more than version 00 allows', `00-${id}-00f067aa0ba902b7-01-more`],
    ['goes on in a second line', `00-${id}-00f067aa0ba902b7-01\n`],
  ])('that %s is as good as none', (_fault, text) => {
    expect(traceIdOf(text)).toBeUndefined();
    expect(contextFrom(text)).toBe(contextFrom(undefined));
  });

  test('of a later version is read as far as it is known, and unknown flags are not passed on', () => {
    const later = parseTraceparent(`01-${id}-00f067aa0ba902b7-ff-more`);
    expect(later && formatTraceparent(later)).toBe(`00-${id}-00f067aa0ba902b7-01`);
  });
});
