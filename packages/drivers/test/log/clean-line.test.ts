import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanLine } from '../../src/log/clean-line.ts';

const ESC = '\u001b';

describe('a line of a log', () => {
  it.each([
    [`${ESC}[1;31mred${ESC}[0m text`, 'red text'],
    [`${ESC}]0;a window title\u0007after`, 'after'],
    [`${ESC}]8;;http://example.com${ESC}\\link${ESC}]8;;${ESC}\\`, 'link'],
    [`${ESC}(Bplain${ESC}=`, 'plain'],
    ['\u009b31mred', 'red'],
    ['10 %\r50 %\r100 %', '100 %'],
    ['with a Windows end\r', 'with a Windows end'],
    ['a\tb\u0000c\u0008d', 'a bcd'],
    ['pay \u202eevil\u202c', 'pay evil'],
    ['family \u{1f468}\u200d\u{1f469}', 'family \u{1f468}\u200d\u{1f469}'],
  ])('%j reads %j', (written, read) => {
    expect(cleanLine(written)).toBe(read);
  });

  it('never holds a control character, whatever was written', () => {
    const dirt = fc.string({
      unit: fc.constantFrom(ESC, '\u009b', '[', ']', '0', ';', 'm', '\u0007', '\\', '\r', 'P', 'x'),
    });
    fc.assert(fc.property(dirt, (written) => !/\p{Cc}/u.test(cleanLine(written))));
  });
});
