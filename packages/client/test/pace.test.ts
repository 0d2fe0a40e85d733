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

  it('wait as long as the edge says after it refused one', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const refused = expect(client.send('x', { id: 'm1' })).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 300,
    });
    const connection = await edge.connection();
    await connection.welcome();
    await connection.expect('send');
    connection.say({ type: 'rejected', id: 'm1', code: 'rate_limited', message: 'Slower.', retryAfterMs: 300 });
    await refused;
    const from = performance.now();
    void client.send('y', { id: 'm2' }).catch(() => undefined);
    expect(await connection.expect('send')).toMatchObject({ id: 'm2' });
    expect(performance.now() - from).toBeGreaterThan(250);
  });
});
