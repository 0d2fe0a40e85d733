import { describe, expect, it, vi } from 'vitest';
import { Pace } from '../src/pace.ts';
import { open } from './open.ts';
import { ScriptedEdge } from './scripted-edge.ts';

describe('messages faster than the edge takes them', () => {
  it('wait for the next second, in order', () => {
    vi.useFakeTimers();
    try {
      const sent: string[] = [];
      const pace = new Pace((id) => void sent.push(id));
      pace.open(2);
      for (const id of ['a', 'b', 'c', 'd', 'e']) pace.add(id);
      expect(sent).toEqual(['a', 'b']);
      vi.advanceTimersByTime(1_099);
      expect(sent).toHaveLength(2);
      vi.advanceTimersByTime(1);
      expect(sent).toEqual(['a', 'b', 'c', 'd']);
      pace.close();
      pace.open(2);
      for (const id of ['e', 'f']) pace.add(id);
      expect(sent).toHaveLength(4);
      vi.advanceTimersByTime(1_100);
      expect(sent).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('wait whenever a second is thought to begin: no second has more than the limit', () => {
    vi.useFakeTimers();
    try {
      const at: number[] = [];
      const pace = new Pace(() => void at.push(performance.now()));
      pace.open(3);
      for (let n = 0; n < 30; n += 1) {
        pace.add(`m${n}`);
        vi.advanceTimersByTime((n * 137) % 500);
      }
      vi.advanceTimersByTime(20_000);
      expect(at).toHaveLength(30);
      for (const [n, time] of at.entries()) expect((at[n + 3] ?? Infinity) - time).toBeGreaterThan(1_000);
    } finally {
      vi.useRealTimers();
    }
  });

  it('are sent again, as late as the edge says and in their order, when it refused them for their number', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const sent = ['m1', 'm2'].map((id) => client.send('x', { id }));
    const refused = Promise.withResolvers<void>();
    client.on('rejected', ({ id }) => void (id === 'm2' && refused.resolve()));
    const connection = await edge.connection();
    await connection.welcome();
    await connection.expect('send');
    await connection.expect('send');
    const from = performance.now();
    for (const id of ['m1', 'm2']) {
      connection.say({ type: 'rejected', id, code: 'rate_limited', message: 'Slower.', retryAfterMs: 300 });
    }
    await refused.promise;
    sent.push(client.send('y', { id: 'm3' }));
    for (const id of ['m1', 'm2', 'm3']) {
      expect(await connection.expect('send')).toMatchObject({ id });
      connection.say({ type: 'accepted', id });
    }
    expect(performance.now() - from).toBeGreaterThan(250);
    expect(await Promise.all(sent)).toEqual([{ id: 'm1' }, { id: 'm2' }, { id: 'm3' }]);
  });
});
