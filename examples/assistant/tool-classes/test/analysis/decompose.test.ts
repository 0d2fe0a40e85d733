import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompose } from '../../src/analysis/decompose.ts';

describe('seasonal decomposition by medians', () => {
  it('gives back trend and season exactly where there is nothing else', () => {
    const season = [0, 5, -5, 0];
    const values = Float64Array.from({ length: 40 }, (_, index) => 100 + (season[index % 4] ?? 0));
    const { trend, seasonal, remainder } = decompose(values, 4);
    expect([...trend].every((value) => value === 100)).toBe(true);
    expect([...seasonal.slice(0, 4)]).toEqual(season);
    expect([...remainder].every((value) => value === 0)).toBe(true);
  });

  it('leaves an outlier whole in the remainder, and nothing of it elsewhere', () => {
    const season = Array.from({ length: 24 }, (_, hour) => hour * 10);
    const values = Float64Array.from({ length: 24 * 7 }, (_, index) => 500 + (season[index % 24] ?? 0));
    const plain = decompose(values, 24).remainder;
    values[80] = (values[80] ?? 0) + 1000;
    const { remainder } = decompose(values, 24);
    expect(remainder[80]).toBeGreaterThan(900);
    const elsewhere = remainder.map((value, index) => (index === 80 ? 0 : Math.abs(value - (plain[index] ?? 0))));
    expect(Math.max(...elsewhere)).toBeLessThan(20);
  });

  it('is additive, whatever the series', () => {
    const series = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 14, maxLength: 60 });
    fc.assert(
      fc.property(series, fc.integer({ min: 2, max: 7 }), (all, cycle) => {
        const { trend, seasonal, remainder } = decompose(Float64Array.from(all), cycle);
        for (const [index, value] of all.entries()) {
          expect((trend[index] ?? 0) + (seasonal[index] ?? 0) + (remainder[index] ?? 0)).toBeCloseTo(value, 6);
        }
      }),
    );
  });

  it('is refused for less than two cycles', () => {
    expect(() => decompose(new Float64Array(13), 7)).toThrow('two whole cycles');
  });
});
