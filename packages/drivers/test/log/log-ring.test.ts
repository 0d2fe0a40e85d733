import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOG_BYTES, LOG_LINE_BYTES, LOG_LINES, LogRing } from '../../src/log/log-ring.ts';

function ring(secrets: string[] = []): { log: LogRing; write(bytes: Buffer | string): void; errors: unknown[] } {
  const errors: unknown[] = [];
  const log = new LogRing({ secrets, onListenerError: (error) => errors.push(error) });
  const stream = log.stream();
  return { log, errors, write: (bytes) => stream.push(Buffer.from(bytes)) };
}

describe('the log of a run', () => {
  it('keeps the last lines, oldest first', () => {
    const { log, write } = ring();
    for (let line = 1; line <= LOG_LINES + 5; line += 1) write(`line ${line}\n`);
    expect(log.lines()).toHaveLength(LOG_LINES);
    expect([log.lines().at(0), log.lines().at(-1)]).toEqual(['line 6', `line ${LOG_LINES + 5}`]);
  });

  it('keeps no more bytes than its bound, however long the lines', () => {
    const { log, write } = ring();
    for (let line = 0; line < LOG_LINES; line += 1) write(`${line} ${'ü'.repeat(LOG_LINE_BYTES)}\n`);
    const bytes = log.lines().map((line) => Buffer.byteLength(line));
    expect(Math.max(...bytes)).toBeLessThanOrEqual(LOG_LINE_BYTES);
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(LOG_BYTES);
    expect(log.lines().at(-1)).toMatch(/^199 ü+…$/);
  });

  it('keeps the streams apart, and shows what has no line end yet', () => {
    const log = new LogRing({ secrets: [], onListenerError: () => undefined });
    const [out, err] = [log.stream(), log.stream()];
    out.push(Buffer.from('half of '));
    err.push(Buffer.from('a warning\n'));
    expect(log.lines()).toEqual(['a warning', 'half of']);
    out.push(Buffer.from('a line\nlast words'));
    out.flush();
    expect(log.lines()).toEqual(['a warning', 'half of a line', 'last words']);
  });

  it('reads characters that come in pieces, and replaces what is not UTF-8', () => {
    const { log, write } = ring();
    for (const byte of Buffer.from('zwölf\n')) write(Buffer.of(byte));
    write(Buffer.from([0x61, 0xff, 0xfe, 0x62, 0x0a]));
    expect(log.lines()).toEqual(['zwölf', 'a\ufffd\ufffdb']);
  });

  it('never shows the beginning of a secret at the place where a line was cut', () => {
    const secret = 'a-secret-of-some-length';
    fc.assert(
      fc.property(fc.integer({ min: 1900, max: 2200 }), fc.integer({ min: 0, max: 60 }), (before, colours) => {
        const { log, write } = ring([secret]);
        write(`${'\u001b[1m'.repeat(colours)}${'.'.repeat(before)}${secret}${'.'.repeat(5000)}\n`);
        return !log.lines().join('').includes('a-s');
      }),
    );
  });

  it('hides a secret that is learnt later, also in what it has kept', () => {
    const { log, write } = ring(['the-first']);
    write('the-first and the-second\n');
    log.hide(['the-second']);
    expect(log.lines()).toEqual(['[redacted] and [redacted]']);
  });

  it('tells each line to listeners, presentable, and survives one that throws', () => {
    const { log, errors, write } = ring(['a secret']);
    const heard: string[] = [];
    log.onLine(() => {
      throw new Error('a bad listener');
    });
    const stop = log.onLine((line) => heard.push(line));
    write('one\n\n\u001b[1mtwo\u001b[0m a secret\n');
    stop();
    write('three\n');
    expect(heard).toEqual(['one', 'two [redacted]']);
    expect(errors).toHaveLength(3);
  });

  it('holds what was written last, in however many pieces it came', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'ß', ' ', '€'), maxLength: 40 }).map((text) => `x${text}x`);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 400 }), fc.integer({ min: 1, max: 97 }), (lines, size) => {
        const { log, write } = ring();
        const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''));
        for (let at = 0; at < bytes.length; at += size) write(bytes.subarray(at, at + size));
        expect(log.lines()).toEqual(lines.slice(-LOG_LINES));
      }),
      { numRuns: 50 },
    );
  });
});
