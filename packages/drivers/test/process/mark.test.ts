import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMark, markPrefix, parseMark } from '../../src/process/mark.ts';

describe('the mark of a run', () => {
  it('is read as it was written, whatever the names', () => {
    const name = fc.string({ unit: 'grapheme' });
    const mark = fc.record({ namespace: name, hostId: name, initializerPid: fc.nat(), name });
    fc.assert(
      fc.property(mark, (each) => {
        expect(parseMark(formatMark(each))).toEqual(each);
      }),
    );
  });

  it('begins like those of its deployment on its host, and no other', () => {
    const mark = { namespace: 'a/b', hostId: 'c', initializerPid: 7, name: 'reveille-x-global-1' };
    expect(formatMark(mark)).toBe('a%2Fb/c/7/reveille-x-global-1');
    expect(formatMark(mark).startsWith(markPrefix({ namespace: 'a', hostId: 'b/c' }))).toBe(false);
  });

  it.each(['', 'a/b/c', 'a/b/c/d/e', 'a/b/pid/name', '%/b/7/name'])('is not %j', (text) => {
    expect(parseMark(text)).toBeUndefined();
  });
});
