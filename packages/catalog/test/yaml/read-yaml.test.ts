import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCatalog } from '../../src/index.ts';
import { readYaml } from '../../src/yaml/read-yaml.ts';
import { faultsOf, minimal } from '../catalog-text.ts';

describe('text that is no YAML is refused with its place', () => {
  test.each([
    ['version: 1: 2', '1:10 found "1", expected YAML (Nested mappings are not allowed in compact mappings)'],
    ['a:\n\tb: 1', /^2:1 .*tabs/i],
    ['a: "open', /^1:9 .*Missing closing "quote/],
    ['a: 1\n---\nb: 2', /a second document, expected one YAML document/],
    ['a: 1\nb: *gone', '2:4 found *gone, expected an alias of an anchor that stands above it (&gone)'],
    ['? [a, b]\n: 1', /^1:3 .*keys must be strings/],
  ])('%j', (text, expected) => {
    expect(faultsOf(text).join('\n')).toMatch(
      typeof expected === 'string' ? new RegExp(`^${RegExp.escape(expected)}`) : expected,
    );
  });
});

describe('YAML beyond the plain kind is refused', () => {
  test('tags, so that nothing but mappings, lists, texts, numbers and truth is made', () => {
    for (const tag of ['!!binary', '!!set', '!!js/function', '!env'])
      expect(faultsOf(`${minimal()}# \nextra: ${tag} x`)).toContainEqual(expect.stringContaining('found a tag ('));
  });

  test('merge keys, which are an unknown key here', () => {
    expect(faultsOf(minimal().replace('chat: {', 'chat: { <<: { provenance: endpoint },'))).toEqual([
      expect.stringContaining('found the unknown key "<<"'),
    ]);
  });

  test('a key that JavaScript takes for the prototype', () => {
    const faults = faultsOf(minimal().replace('[node, a.ts] }', '[node, a.ts], env: { __proto__: x } }'));
    expect(faults).toEqual(['4:55 found the key __proto__, expected another key']);
  });

  test('words of YAML 1.1 stay words', () => {
    expect(readYaml('%YAML 1.1\n---\na: yes\nb: 0o17\nc: 1_000').content?.value).toEqual({
      a: 'yes',
      b: 15,
      c: '1_000',
    });
  });
});

describe('anchors and aliases', () => {
  test('stand for what they name, and faults within are told where it is written', () => {
    const text = `version: 1
services:
  a: { start: &start { process: { command: [node] } } }
  b: { start: *start }
entrypoints: {}
`;
    expect(Object.keys(parseCatalog(text, 'f').catalog.services)).toEqual(['a', 'b']);
    expect(faultsOf(text.replace('command: [node]', 'command: 1'))).toEqual([
      '3:44 services.a.start.process.command: found 1, expected a list',
      '3:44 services.b.start.process.command: found 1, expected a list',
    ]);
  });

  test('cannot make a small file a large value', () => {
    const laugh = Array.from(
      { length: 12 },
      (_, at) =>
        `a${at}: &a${at} [${
          at === 0
            ? 'x'
            : Array(12)
                .fill(`*a${at - 1}`)
                .join(', ')
        }]`,
    );
    expect(faultsOf(laugh.join('\n'))[0]).toMatch(/more than 100 aliases, expected at most 100/);
  });

  test('cannot make a value that never ends', () => {
    expect(faultsOf('a: &a [1, *a]')).toEqual(['1:11 found *a within itself, expected an alias of something else']);
  });
});

test('a value nested deeper than any catalog is refused, at any depth', () => {
  for (const depth of [65, 5000]) {
    expect(faultsOf(`a: ${'['.repeat(depth)}${']'.repeat(depth)}`)).toContainEqual(
      expect.stringContaining('more than 64 levels'),
    );
  }
});

test('any text is read or refused, and never breaks the reader', () => {
  const pieces = fc.constantFrom(
    'a',
    ': ',
    '\n',
    '  ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '&x ',
    '*x',
    '!t ',
    '"',
    "'",
    '|',
    '>',
    '#',
    '? ',
    '\t',
    '%',
    '---\n',
    '1',
    ',',
    '\u0000',
    'ü',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const { faults, content } = readYaml(parts.join(''));
      expect(faults.length > 0 || content !== undefined).toBe(true);
      for (const fault of faults) expect(Math.min(fault.line, fault.column)).toBeGreaterThanOrEqual(1);
    }),
    { numRuns: 2000 },
  );
});
