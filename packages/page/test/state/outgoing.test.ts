import { describe, expect, test } from 'vitest';
import { bytesWords, durationWords, numberWords, secondsLeft } from '../../src/state/amounts.ts';
import { endingOf } from '../../src/state/ending.ts';
import { bytesOf, messageOf, sizeRefusal } from '../../src/state/outgoing.ts';
import { decodeText, fileWords } from '../../src/state/text-file.ts';
import { closeCodes } from '@reveille/contracts';

const session = { user: 'ann', messageBytes: 100, heldBytes: 50 };

describe('a message', () => {
  test('has files only when there are some', () => {
    expect(messageOf('hello', [])).toEqual({ text: 'hello' });
    const file = { name: 'a.csv', type: 'text/csv', bytes: 3, content: 'a,b' };
    expect(messageOf('', [file])).toEqual({ text: '', files: [{ name: 'a.csv', type: 'text/csv', content: 'a,b' }] });
  });

  test('is a JSON object where one was written, so that any service can be asked anything', () => {
    expect(messageOf('{"text": "What does it cost?", "prices": {"inputPerMillion": 1}}', [])).toEqual({
      text: 'What does it cost?',
      prices: { inputPerMillion: 1 },
    });
    expect(messageOf('{not json}', [])).toEqual({ text: '{not json}' });
  });

  test('is measured as it travels: UTF-8 of its JSON', () => {
    expect(bytesOf({ text: 'ä"' })).toBe(Buffer.byteLength('{"text":"ä\\""}'));
  });

  test('that is too large is refused in words, earlier while it would have to be held', () => {
    expect(sizeRefusal(100, session, true)).toBeUndefined();
    expect(sizeRefusal(101, session, true)).toBe('This message has 101 bytes; at most 100 bytes can be sent at once.');
    expect(sizeRefusal(51, session, false)).toMatch(
      /^This message has 51 bytes\. While the service starts, at most 50 bytes can be kept/,
    );
    expect(sizeRefusal(1e9, undefined, false)).toBeUndefined();
  });

  test('takes text files as UTF-8, else as Windows-1252 and says so, and nothing with a NUL in it', () => {
    const utf8 = (text: string) => decodeText(new TextEncoder().encode(text));
    expect(utf8('ä€😀')).toEqual({ content: 'ä€😀' });
    expect(utf8('\uFEFFa,b')).toEqual({ content: 'a,b' });
    const munich = Uint8Array.of(0x4d, 0xfc, 0x6e, 0x63, 0x68, 0x65, 0x6e, 0x3b, 0x80);
    expect(decodeText(munich)).toEqual({ content: 'München;€', readAs: 'Windows-1252' });
    expect(fileWords({ bytes: 9, readAs: 'Windows-1252' })).toBe('9 bytes, read as Windows-1252');
    expect(decodeText(Uint8Array.of(0x89, 0x50, 0, 0xff))).toBeUndefined();
  });
});

test('amounts are words that people use', () => {
  expect([0, 0.2, 46, 95, 949, 9949, 9950, 59_400, 65_000, 120_000].map(durationWords)).toEqual([
    '0.0 s',
    '1 ms',
    '46 ms',
    '0.1 s',
    '0.9 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 5 s',
    '2 min',
  ]);
  expect([999, 65_536, 319_800, 999_600, 8_388_608].map(bytesWords)).toEqual([
    '999 bytes',
    '65.5 kB',
    '320 kB',
    '1.0 MB',
    '8.4 MB',
  ]);
  expect([18059974, 0.12345, 1234.567].map(numberWords)).toEqual(['18,059,974', '0.1235', '1,234.57']);
  expect([secondsLeft(1000, 1), secondsLeft(1001, 0), secondsLeft(5, 5)]).toEqual([1, 2, 0]);
});

test('every close code that ends a session has words of its own', () => {
  const ends = Object.values(closeCodes).filter(
    ({ reconnect, code }) => !reconnect || code === closeCodes.tryLater.code,
  );
  const titles = ends.map(({ code, reason }) => endingOf(code, reason).title);
  expect(new Set(titles).size).toBe(ends.length);
  expect(titles).not.toContain(endingOf(1006, '').title);
  expect(endingOf(4509, 'the entrypoint needs a tenant').advice).toBe('The entrypoint needs a tenant.');
});
