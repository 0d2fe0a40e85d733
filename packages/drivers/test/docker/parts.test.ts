import { expect, test } from 'vitest';
import { bytesOf } from '../../src/docker/container-plan.ts';
import { LogFrames } from '../../src/docker/log-frames.ts';

test('amounts of memory are those of the docker command', () => {
  expect([bytesOf('512m'), bytesOf('2g'), bytesOf('1.5GiB'), bytesOf('1000')]).toEqual([
    2 ** 29,
    2 ** 31,
    1.5 * 2 ** 30,
    1000,
  ]);
  expect(() => bytesOf('much')).toThrow('an amount such as 512m');
});

test('the streams of a log are told apart wherever the bytes are cut', () => {
  const frame = (stream: number, text: string): Buffer => {
    const header = Buffer.alloc(8);
    header[0] = stream;
    header.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };
  const bytes = Buffer.concat([frame(1, 'out\n'), frame(2, 'err\n'), frame(1, ''), frame(1, 'more\n')]);
  for (let size = 1; size <= bytes.length; size += 1) {
    const heard = { stdout: '', stderr: '' };
    const frames = new LogFrames((stream, part) => void (heard[stream] += part.toString()));
    for (let at = 0; at < bytes.length; at += size) frames.push(bytes.subarray(at, at + size));
    expect(heard).toEqual({ stdout: 'out\nmore\n', stderr: 'err\n' });
  }
});
