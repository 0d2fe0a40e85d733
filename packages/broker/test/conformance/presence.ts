import { expect, test } from 'vitest';
import type { MakeBench } from './bench.ts';

const place = { entrypoint: 'chat', user: 'u1', ttlMs: 10_000, limit: 2 };

const address = '10.0.0.1';
const at = (edge: string) => ({ edge, limit: 5, ttlMs: 10_000 });

export function presenceConformance(make: MakeBench): void {
  test('an address has at most so many sockets over all edges; what was granted counts, and no more', async () => {
    await using bench = await make();
    const { addresses } = bench.broker;
    const other = (await bench.another()).addresses;
    expect(await addresses.claim({ address, own: 3 }, at('e1'))).toEqual({ granted: 3, others: 0 });
    expect(await other.claim({ address, own: 4 }, at('e2'))).toEqual({ granted: 2, others: 3 });
    expect(await addresses.claim({ address, own: 4 }, at('e1'))).toEqual({ granted: 3, others: 2 });
    expect(await other.claim({ address: '10.0.0.2', own: 4 }, at('e2'))).toEqual({ granted: 4, others: 0 });
    expect(await addresses.renew([{ address, own: 1 }], at('e1'))).toEqual([2]);
    expect(await other.claim({ address, own: 4 }, at('e2'))).toEqual({ granted: 4, others: 1 });
    await other.renew([{ address, own: 0 }], at('e2'));
    expect(await addresses.claim({ address, own: 5 }, at('e1'))).toEqual({ granted: 5, others: 0 });
  });

  test('of many edges that claim an address at once no more sockets are granted than there may be', async () => {
    await using bench = await make();
    const claims = Array.from({ length: 10 }, (_, n) => bench.broker.addresses.claim({ address, own: 2 }, at(`e${n}`)));
    const granted = (await Promise.all(claims)).reduce((sum, one) => sum + one.granted, 0);
    expect(granted).toBe(5);
  });

  test('what a dead edge had of an address runs out by itself, while the others renew theirs', async () => {
    await using bench = await make();
    const { addresses } = bench.broker;
    await addresses.claim({ address, own: 2 }, at('dead'));
    await addresses.claim({ address, own: 2 }, at('e1'));
    await bench.elapse(6000);
    expect(await addresses.renew([{ address, own: 2 }], at('e1'))).toEqual([2]);
    await bench.elapse(6000);
    expect(await addresses.claim({ address, own: 2 }, at('e2'))).toEqual({ granted: 2, others: 2 });
  });

  test('a user has at most so many sockets over all edges, each entrypoint and user apart', async () => {
    await using bench = await make();
    const other = await bench.another();
    expect(await bench.broker.connections.acquire({ ...place, connection: 'c1' })).toEqual({ acquired: true });
    expect(await other.connections.acquire({ ...place, connection: 'c2' })).toEqual({ acquired: true });
    expect(await other.connections.acquire({ ...place, connection: 'c3' })).toEqual({ acquired: false, held: 2 });
    expect(await other.connections.acquire({ ...place, connection: 'c1' })).toEqual({ acquired: true });
    expect(await other.connections.acquire({ ...place, user: 'u2', connection: 'c3' })).toEqual({ acquired: true });
    expect(await other.connections.acquire({ ...place, entrypoint: 'files', connection: 'c3' })).toEqual({
      acquired: true,
    });
  });

  test('of many sockets at once no more get a place than there are', async () => {
    await using bench = await make();
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, n) => bench.broker.connections.acquire({ ...place, connection: `c${n}` })),
    );
    expect(results.filter(({ acquired }) => acquired)).toHaveLength(2);
  });

  test('places of many users are renewed together, those that the store has lost too', async () => {
    await using bench = await make();
    const { connections } = bench.broker;
    const placeOf = (n: number) => ({ entrypoint: 'chat', user: `u${n}`, connection: `c${n}` });
    const all = Array.from({ length: 900 }, (_, n) => placeOf(n));
    for (const one of all.slice(0, 450)) await connections.acquire({ ...one, limit: 1, ttlMs: 10_000 });
    await bench.elapse(6000);
    await connections.renew(all, 10_000);
    await bench.elapse(6000);
    const again = await Promise.all(
      all.map((one) => connections.acquire({ ...one, connection: 'other', limit: 1, ttlMs: 10_000 })),
    );
    expect(again.filter(({ acquired }) => acquired)).toEqual([]);
  });

  test('a place is free again when it is released, and when a dead edge does not renew it', async () => {
    await using bench = await make();
    const { connections } = bench.broker;
    for (const connection of ['c1', 'c2']) await connections.acquire({ ...place, connection });
    await connections.release({ ...place, connection: 'c1' });
    expect(await connections.acquire({ ...place, connection: 'c3' })).toEqual({ acquired: true });
    await bench.elapse(6000);
    await connections.renew([{ ...place, connection: 'c3' }], 10_000);
    await bench.elapse(6000);
    expect(await connections.acquire({ ...place, connection: 'c4' })).toEqual({ acquired: true });
    expect(await connections.acquire({ ...place, connection: 'c5' })).toEqual({ acquired: false, held: 2 });
  });

  test('members are alive until they leave or fall silent', async () => {
    await using bench = await make();
    const { members } = bench.broker;
    const edge = { id: 'e1', kind: 'edge', startedAt: 5 } as const;
    const initializer = { id: 'i1', kind: 'initializer', host: 'h1', startedAt: 6 } as const;
    const relay = { id: 'r1', kind: 'relay', startedAt: 7 } as const;
    for (const member of [edge, initializer, relay]) await members.announce(member, 10_000);
    const alive = async (): Promise<unknown[]> => (await members.alive()).sort((a, b) => a.startedAt - b.startedAt);
    expect(await alive()).toEqual([edge, initializer, relay]);
    await bench.elapse(6000);
    await members.announce(initializer, 10_000);
    await members.leave(relay);
    await bench.elapse(6000);
    expect(await alive()).toEqual([initializer]);
  });
}
