import { describe, expect, it } from 'vitest';
import { Turns, type Turn } from '../../src/runs/turns.ts';

const never = new AbortController().signal;

/** Whether a turn has come, once everything that can happen now has happened. */
async function hasCome(coming: Promise<void>): Promise<boolean> {
  let come = false;
  void coming.then(() => (come = true));
  await new Promise((resolve) => setImmediate(resolve));
  return come;
}

function leave(turn: Turn): void {
  turn[Symbol.dispose]();
}

describe('turns', () => {
  it('come one after the other within a conversation, and side by side in different ones', async () => {
    const turns = new Turns();
    const [a1, a2, b1] = [turns.take('a'), turns.take('a'), turns.take('b')];
    await Promise.all([a1.come(never), b1.come(never)]);
    const second = a2.come(never);
    expect(await hasCome(second)).toBe(false);
    leave(a1);
    await second;
    leave(a2);
    leave(b1);
  });

  it('keep their order when one in the middle leaves early', async () => {
    const turns = new Turns();
    const [first, middle, last] = [turns.take('a'), turns.take('a'), turns.take('a')];
    await first.come(never);
    const leaving = new AbortController();
    const coming = middle.come(leaving.signal);
    leaving.abort();
    await coming;
    leave(middle);
    const lastComing = last.come(never);
    expect(await hasCome(lastComing)).toBe(false);
    leave(first);
    await lastComing;
    leave(last);
  });

  it('are bounded at work: a place passes to the one that has waited longest', async () => {
    const turns = new Turns({ mostAtWork: 1 });
    const [a, b, c] = [turns.take('a'), turns.take('b'), turns.take('c')];
    await a.come(never);
    const [second, third] = [b.come(never), c.come(never)];
    expect(await hasCome(second)).toBe(false);
    leave(a);
    await second;
    expect(await hasCome(third)).toBe(false);
    leave(b);
    await third;
    leave(c);
  });

  it('lose no place when one that waits for it leaves early', async () => {
    const turns = new Turns({ mostAtWork: 1 });
    const [a, b, c] = [turns.take('a'), turns.take('b'), turns.take('c')];
    await a.come(never);
    const leaving = new AbortController();
    const coming = b.come(leaving.signal);
    await hasCome(coming);
    leaving.abort();
    await coming;
    leave(b);
    leave(a);
    await c.come(never);
    leave(c);
    const d = turns.take('d');
    await d.come(never);
    leave(d);
  });

  it('pass a place on when it came in the same moment as the wish to leave', async () => {
    const turns = new Turns({ mostAtWork: 1 });
    const [a, b] = [turns.take('a'), turns.take('b')];
    await a.come(never);
    const leaving = new AbortController();
    const coming = b.come(leaving.signal);
    await hasCome(coming);
    leave(a);
    leaving.abort();
    await coming;
    leave(b);
    const c = turns.take('c');
    await c.come(never);
    leave(c);
  });

  it('are refused above the bound of those that wait', async () => {
    const turns = new Turns({ mostAtWork: 1, mostWaiting: 2 });
    const [a, b] = [turns.take('a'), turns.take('a')];
    expect(() => turns.take('b')).toThrow('2 messages are waiting');
    await a.come(never);
    const c = turns.take('c');
    leave(a);
    await b.come(never);
    leave(b);
    await c.come(never);
    leave(c);
  });
});
