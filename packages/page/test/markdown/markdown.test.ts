import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Block, parseMarkdown } from '../../src/markdown/blocks.ts';
import { type Inline, parseInline } from '../../src/markdown/inline.ts';

const text = (words: string): Inline => ({ is: 'text', text: words });

describe('running text', () => {
  test('has emphasis, code and links', () => {
    expect(parseInline('a **b *c*** `d*e*` [f](https://g.example/h)')).toEqual([
      text('a '),
      { is: 'strong', parts: [text('b '), { is: 'emphasis', parts: [text('c')] }] },
      text(' '),
      { is: 'code', text: 'd*e*' },
      text(' '),
      { is: 'link', href: 'https://g.example/h', parts: [text('f')] },
    ]);
  });

  test.each(['[x](javascript:alert(1))', '[x](data:text/html,x)', '<b onclick=x>', '[x](//evil.example)', '![x](y)'])(
    'keeps %s as the text that it is',
    (source) => {
      expect(parseInline(source).every((part) => part.is === 'text')).toBe(true);
    },
  );

  test('leaves names and products alone', () => {
    for (const source of ['snake_case_name', '2 * 3 * 4', '**', '5*6', 'a _ b'])
      expect(parseInline(source)).toEqual([text(source)]);
    expect(parseInline('\\*not\\*')).toEqual([text('*not*')]);
  });
});

describe('a document', () => {
  test('has headings, paragraphs, lists, quotes, code, rules and tables', () => {
    const source = [
      '# One',
      'first',
      'line',
      '',
      '- a',
      '- b',
      '  1. c',
      '',
      '> said',
      '```sql',
      'select *',
      '',
      '# no heading',
      '```',
      '---',
      '| a | b |',
      '|---|--:|',
      '| 1 \\| 2 | **3** |',
      '3. three',
    ].join('\n');
    const paragraph = (words: string): Block => ({ is: 'paragraph', parts: [text(words)] });
    expect(parseMarkdown(source)).toEqual([
      { is: 'heading', level: 1, parts: [text('One')] },
      paragraph('first\nline'),
      {
        is: 'list',
        ordered: false,
        start: 1,
        items: [[paragraph('a')], [paragraph('b'), { is: 'list', ordered: true, start: 1, items: [[paragraph('c')]] }]],
      },
      { is: 'quote', blocks: [paragraph('said')] },
      { is: 'code', text: 'select *\n\n# no heading' },
      { is: 'rule' },
      {
        is: 'table',
        head: [[text('a')], [text('b')]],
        align: ['left', 'right'],
        rows: [[[text('1 | 2')], [{ is: 'strong', parts: [text('3')] }]]],
      },
      { is: 'list', ordered: true, start: 3, items: [[paragraph('three')]] },
    ]);
  });

  test('ends for whatever is written, and loses no word', () => {
    const pieces = fc.constantFrom(
      '# ',
      '- ',
      '1. ',
      '> ',
      '```',
      '|',
      '---',
      '**',
      '_',
      '`',
      '[a](b)',
      '\n',
      '\n\n',
      '  ',
      'word ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const source = parts.join('');
        const words = JSON.stringify(parseMarkdown(source)).split('word').length - 1;
        // The line of a fence may name a language, and a row may have more cells than its head: these are not shown.
        if (!source.includes('```') && !source.includes('|')) expect(words).toBe(source.split('word').length - 1);
      }),
    );
  });

  test('hostile text is read within a moment', () => {
    for (const source of [
      '**a '.repeat(20_000),
      '[a]('.repeat(20_000),
      '`a'.repeat(20_000),
      '> '.repeat(20_000),
      '- '.repeat(5_000),
    ]) {
      const began = performance.now();
      parseMarkdown(source);
      expect(performance.now() - began).toBeLessThan(5_000);
    }
  });
});
