import { expect, test } from 'vitest';
import { StampedLines } from '../../src/log/stamped-lines.ts';

const log = [
  '2026-01-01T00:00:00.000000009Z first',
  '2026-01-01T00:00:00.00000001Z second line',
  '2026-01-01T00:00:00.1Z',
  'no time at all',
  '2026-01-01T00:00:01Z last',
].join('\n');

function read(text: string, size: number, last?: string) {
  let heard = '';
  const lines = new StampedLines((bytes) => (heard += bytes.toString()), last);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) lines.push(bytes.subarray(at, at + size));
  return { heard, last: lines.last };
}

test('times are taken from lines, wherever the bytes are cut', () => {
  for (let size = 1; size <= log.length; size += 1)
    expect(read(`${log}\n`, size).heard).toBe('first\nsecond line\n2026-01-01T00:00:00.1Z\nno time at all\nlast\n');
});

test('of a log that is read again, what was read whole is left out, and what was cut off is not', () => {
  for (let size = 1; size <= log.length; size += 1) {
    const { heard, last } = read(log.slice(0, log.indexOf(' line')), size);
    expect(heard).toBe('first\nsecond');
    expect(read(`${log}\n`, size, last).heard).toBe('second line\n2026-01-01T00:00:00.1Z\nno time at all\nlast\n');
    expect(read(`${log}\n`, size, read(`${log}\n`, size).last).heard).not.toMatch(/first|second|last/);
  }
});
