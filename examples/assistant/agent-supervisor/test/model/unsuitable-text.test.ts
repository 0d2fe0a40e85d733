import { describe, expect, it } from 'vitest';
import { unsuitableIn } from '../../src/model/proof/unsuitable-text.ts';

const of = { mostCharacters: 200, hasMoney: false };

describe('a text of a model', () => {
  it.each([
    '## Where the tokens go\n\n**8,819 requests**; p99 < 7,436 and x > 3. See [the table] above.',
    'The tags `<b>`, `https://a.example` and `[x](y)` are names.',
    'No cost in dollars or € can be given without prices.',
    'The functionality is not degraded.',
  ])('is suitable: %s', (text) => expect(unsuitableIn(text, of)).toEqual([]));

  it.each([
    ['a link', '[see](https://a.example)', 'link'],
    ['an image', '![x][1]', 'link'],
    ['a bare address', 'see www.a.example', 'link'],
    ['a script', '[x](javascript:alert(1))', 'link'],
    ['HTML', 'a <img src=x>', 'HTML'],
    ['HTML in other letters', 'a ＜script＞', 'HTML'],
    ['an end of HTML', '</div>', 'HTML'],
    ['money', 'It cost **$** 5', 'money'],
    ['money behind', 'It cost 5 EUR', 'money'],
    ['the beginning of a stand-in', ' Agent processed your message: hi', 'words'],
    ['the phrase of a stand-in', 'de\u200bgraded  Functionality', 'words'],
    ['too much', 'x'.repeat(201), 'longer'],
  ])('is not suitable with %s', (_name, text, word) => {
    expect(unsuitableIn(text, of)).toEqual([expect.stringContaining(word)]);
  });

  it('may state money where a tool did', () => {
    expect(unsuitableIn('It cost 5 EUR', { ...of, hasMoney: true })).toEqual([]);
  });
});
