import { describe, expect, it } from 'vitest';
import { cutMark, plain, quote, withoutMarks } from '../../src/wording/quote.ts';

describe('a name from the user in a text', () => {
  it('is one line, set apart, and cannot leave its marks', () => {
    expect(quote('usage_2024.csv')).toBe('`usage_2024.csv`');
    expect(quote('a`b|c\nd')).toBe("`a'b/c d`");
    expect(quote('x'.repeat(100))).toBe(`\`${'x'.repeat(59)}…\``);
    expect(plain('*US_D*')).toBe(String.raw`\*US\_D\*`);
  });

  it.each([
    'degraded functionality',
    'Degraded  Functionality of May',
    'degraded\u00a0functionality',
    'de\u200bgraded functional\u00adity',
    'degraded\ufe0f functionality',
    'ｄｅｇｒａｄｅｄ functionality',
    'degraded funct\u0131onality',
    'de\u0001graded functionality',
  ])('never looks like the mark of a stand-in: %j', (name) => {
    const texts = [quote(name), cutMark(name), withoutMarks(`The file "${name}" cannot be used: "${name}", the file.`)];
    for (const text of texts) {
      const folded = text
        .normalize('NFKC')
        .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
        .replace(/[\u0001]/g, '')
        .replaceAll('ı', 'i')
        .toLowerCase();
      expect(folded.replace(/\s+/g, ' ')).not.toContain('degraded functionality');
      expect(text).toContain('…');
    }
  });

  it('leaves the rest of a text as it is, to the end', () => {
    expect(withoutMarks('a “degraded functionality” b, degraded  functionality … c')).toBe(
      'a “degraded f…” b, degraded  f… ... c',
    );
    expect(withoutMarks('½ of it … all')).toBe('½ of it … all');
  });
});
