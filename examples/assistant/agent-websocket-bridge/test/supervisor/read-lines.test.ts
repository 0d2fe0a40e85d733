import { describe, expect, it } from 'vitest';
import { readLines } from '../../src/supervisor/read-lines.ts';

async function linesOf(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  const bytes = chunks.map((chunk) => (typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk));
  return Array.fromAsync(readLines(ReadableStream.from(bytes)));
}

describe('the lines of a stream', () => {
  it('are whole, wherever the stream was cut', async () => {
    expect(await linesOf('{"a"', ':1}\n{"b":2', '}\n', '{"c":3}\n{"d":4}\n')).toEqual([
      '{"a":1}',
      '{"b":2}',
      '{"c":3}',
      '{"d":4}',
    ]);
  });

  it('keep a character that was cut in two', async () => {
    const bytes = new TextEncoder().encode('ä\n');
    expect(await linesOf(bytes.slice(0, 1), bytes.slice(1))).toEqual(['ä']);
  });

  it('do not include one that the end of the stream broke off', async () => {
    expect(await linesOf('whole\nbrok')).toEqual(['whole']);
  });
});
