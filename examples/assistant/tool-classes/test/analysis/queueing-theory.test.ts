import { describe, expect, it } from 'vitest';
import { allenCunneenWait, erlangC, kingmanWait, variationOf } from '../../src/analysis/queueing-theory.ts';

describe('queueing formulas', () => {
  it('give the known waits of M/M/1 and M/D/1', () => {
    const of = { utilisation: 0.8, gapVariation: 1, serviceMs: 100 };
    expect(kingmanWait({ ...of, serviceVariation: 1 })).toBeCloseTo(400, 9);
    expect(kingmanWait({ ...of, serviceVariation: 0 })).toBeCloseTo(200, 9);
    const atOne = { servers: 1, load: 0.8, gapVariation: 1, serviceVariation: 1, serviceMs: 100 };
    expect(allenCunneenWait(atOne)).toBeCloseTo(400, 9);
  });

  it("give the known values of Erlang's C", () => {
    expect(erlangC(1, 0.5)).toBeCloseTo(0.5, 12);
    expect(erlangC(2, 1)).toBeCloseTo(1 / 3, 12);
    expect(erlangC(10, 8)).toBeCloseTo(0.40918, 4);
  });

  it('measure variation', () => {
    expect(variationOf(Float64Array.of(2, 2, 2))).toBe(0);
    expect(variationOf(Float64Array.of(0, 2))).toBe(1);
    expect(variationOf(Float64Array.of(0, 0))).toBe(0);
  });
});
