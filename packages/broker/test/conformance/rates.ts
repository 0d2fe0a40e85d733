import { expect, test } from 'vitest';
import type { MakeBench } from './bench.ts';

const rate = { of: 'messages', entrypoint: 'chat', user: 'u1', limit: 10 } as const;

export function rateConformance(make: MakeBench): void {
  test('what a user says is counted over all edges, each entrypoint and user apart', async () => {
    await using bench = await make();
    const other = await bench.another();
    const here = bench.broker.rates;
    expect(await here.take(rate, 6)).toMatchObject({ granted: 6 });
    const second = await other.rates.take(rate, 6);
    expect(second.granted).toBe(4);
    expect(second.resetMs).toBeGreaterThan(0);
    expect(second.resetMs).toBeLessThanOrEqual(1000);
    expect(await here.take(rate, 1)).toMatchObject({ granted: 0 });
    expect(await here.take({ ...rate, user: 'u2' }, 6)).toMatchObject({ granted: 6 });
    expect(await here.take({ ...rate, entrypoint: 'files' }, 6)).toMatchObject({ granted: 6 });
  });

  test('the next second counts anew', async () => {
    await using bench = await make();
    expect(await bench.broker.rates.take(rate, 11)).toMatchObject({ granted: 10 });
    await bench.elapse(1001);
    expect(await bench.broker.rates.take(rate, 3)).toMatchObject({ granted: 3 });
  });

  test('handshakes of a client address are counted over all edges, each address apart', async () => {
    await using bench = await make();
    const other = await bench.another();
    const of = { of: 'handshakes', address: '10.0.0.1', limit: 3 } as const;
    expect(await bench.broker.rates.take(of, 2)).toMatchObject({ granted: 2 });
    expect(await other.rates.take(of, 2)).toMatchObject({ granted: 1 });
    expect(await other.rates.take({ ...of, address: '10.0.0.2' }, 2)).toMatchObject({ granted: 2 });
  });
}
