import { describe, expect, it } from 'vitest';
import { closeCodes, mayReconnect, upstreamCloseCodes } from '../src/index.ts';

const all = [...Object.values(closeCodes), ...Object.values(upstreamCloseCodes)];

describe('close codes', () => {
  it('say by their range whether a client may come back', () => {
    for (const { code, reconnect } of Object.values(closeCodes).filter(({ code: of }) => of >= 4000)) {
      expect(reconnect).toBe(code < 4500);
    }
  });

  it('are what a client goes by', () => {
    for (const { code, reconnect } of Object.values(closeCodes)) expect(mayReconnect(code)).toBe(reconnect);
  });

  it('that are not ours are a lost connection, unless they are in the range that forbids it', () => {
    expect([1001, 1005, 1006, 1011, 3000, 4499, 4500, 4999, 5000].filter(mayReconnect)).toEqual([
      1001, 1005, 1006, 1011, 3000, 4499, 5000,
    ]);
  });

  it('carry a reason that fits into a close frame', () => {
    for (const { reason } of all) expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });

  it('mean one thing each', () => {
    for (const table of [closeCodes, upstreamCloseCodes]) {
      const codes = Object.values(table).map(({ code }) => code);
      expect(new Set(codes).size).toBe(codes.length);
    }
  });
});
