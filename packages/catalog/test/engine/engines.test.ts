import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileRegex, compileSchema } from '../../src/index.ts';

describe('a regular expression', () => {
  test('is searched anywhere in the text', () => {
    const matches = compileRegex('ready (on|at) \\d+$');
    expect(matches('12:00 ready on 8080')).toBe(true);
    expect(matches('ready on 8080.')).toBe(false);
    expect(compileRegex('(?i)straße')('STRAßE')).toBe(true);
  });

  test('that cannot be bounded in time is refused with words', () => {
    for (const pattern of ['(?=x)', '(a)\\1', '(?<!a)b']) expect(() => compileRegex(pattern)).toThrow(/invalid/);
    expect(() => compileRegex('x'.repeat(1001))).toThrow('longer than 1000 characters');
  });

  test('that is the ruin of backtracking engines takes a time in proportion to the text', { timeout: 60_000 }, () => {
    // Backtracking would need 2^30000 steps.
    for (const pattern of ['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '(.*)*x{2}y'])
      expect(compileRegex(pattern)(`${'a'.repeat(30_000)}!`)).toBe(false);
  });

  test('finds a quoted text exactly where it is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 5 }), fc.string(), (needle, text) => {
        expect(
          compileRegex(needle.replaceAll(/[^\w]/gu, (each) => `\\x{${each.codePointAt(0)?.toString(16)}}`))(text),
        ).toBe(text.includes(needle));
      }),
    );
  });
});

describe('a JSON Schema', () => {
  test('judges values and leaves them as they are', () => {
    const fits = compileSchema({ type: 'object', required: ['a'], properties: { a: { type: 'integer', default: 1 } } });
    const value = { a: 1, b: 2 };
    expect(fits(value)).toBe(true);
    expect(value).toEqual({ a: 1, b: 2 });
    expect(fits({})).toBe(false);
    expect(fits({ a: '1' })).toBe(false);
  });

  test('with parts that would have no effect is refused', () => {
    for (const schema of [
      { typ: 'object' },
      { type: 'strng' },
      { format: 'colour' },
      { $ref: 'https://example.com/other.json' },
      { $async: true },
    ])
      expect(() => compileSchema(schema)).toThrow();
  });

  test('has patterns that are bounded in time', () => {
    const fits = compileSchema({ type: 'string', pattern: '^(a+)+$' });
    expect(fits('a'.repeat(30))).toBe(true);
    expect(fits(`${'a'.repeat(30_000)}!`)).toBe(false);
    expect(fits('b')).toBe(false);
    const two = compileSchema({
      properties: { a: { type: 'string', pattern: '^a$' }, b: { type: 'string', pattern: '^b$' } },
    });
    expect([two({ a: 'a', b: 'b' }), two({ a: 'b', b: 'b' }), two({ a: 'a', b: 'a' })]).toEqual([true, false, false]);
    expect(() => compileSchema({ type: 'string', pattern: '(?=x)' })).toThrow(/invalid/);
  });

  test('may carry an $id that another one carries', () => {
    const schema = { $id: 'https://example.com/x', type: 'null' };
    expect([compileSchema(schema), compileSchema(schema)].map((fits) => fits(null))).toEqual([true, true]);
  });
});
