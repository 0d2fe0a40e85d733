import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TokenRenewal, type TokenProvider } from '../src/token-renewal.ts';
import { jwt } from './token.ts';

const names = new Map<string, string>();
/** A token that is made now and ends after so many seconds. */
function token(name: string, seconds: number): string {
  const made = jwt({ exp: Date.now() / 1000 + seconds, name });
  names.set(made, name);
  return made;
}

function renewal(provider: TokenProvider, random = 0.5) {
  const said: string[] = [];
  const one = new TokenRenewal(
    provider,
    (fresh) => said.push(names.get(fresh) ?? fresh),
    () => random,
  );
  return { one, said };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a token that will end', () => {
  it('is replaced in time, and so is its successor, and all after it', async () => {
    let made = 0;
    const { one, said } = renewal(() => token(`t${++made}`, 100));
    one.begin(token('first', 100));
    await vi.advanceTimersByTimeAsync(69_000);
    expect(said).toEqual([]);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(said).toEqual(['t1', 't2', 't3', 't4']);
  });

  it.each([
    [0, 70],
    [1, 85],
  ])('is replaced at a random moment between 70 and 85 % of what is left (%d)', async (random, percent) => {
    const { one, said } = renewal(() => token('next', 1_000), random);
    one.begin(token('first', 100));
    await vi.advanceTimersByTimeAsync(percent * 1_000 - 10);
    expect(said).toEqual([]);
    await vi.advanceTimersByTimeAsync(20);
    expect(said).toEqual(['next']);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('offline'))],
    [
      'throws',
      () => {
        throw new Error('offline');
      },
    ],
    ['has none', () => undefined],
  ])('is asked for again while there is time when the provider %s', async (_, fails) => {
    let asked = 0;
    const { one, said } = renewal(() => (++asked < 3 ? fails() : token('late', 100)));
    one.begin(token('first', 100));
    await vi.advanceTimersByTimeAsync(99_999);
    expect(said).toEqual(['late']);
    expect(asked).toBe(3);
  });

  it('is not handed over again when the provider has no other, and not asked for when it is too late', async () => {
    let asked = 0;
    const first = token('first', 100);
    const { one, said } = renewal(() => (asked++, first));
    one.begin(first);
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(said).toEqual([]);
    expect(asked).toBeGreaterThan(1);
    expect(asked).toBeLessThan(10);
  });

  it('counts on when the edge refuses its successor: another one is asked for before it ends', async () => {
    let made = 0;
    const { one, said } = renewal(() => token(`t${++made}`, 1_000));
    one.begin(token('first', 100));
    await vi.advanceTimersByTimeAsync(78_000);
    expect(said).toEqual(['t1']);
    one.refused();
    await vi.advanceTimersByTimeAsync(21_000);
    expect(said).toEqual(['t1', 't2']);
    one.refused();
    one.refused();
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(made).toBeLessThan(12);
  });

  it('is replaced by nobody once the connection is gone, not even by a provider that was asked before', async () => {
    const given = Promise.withResolvers<string>();
    const { one, said } = renewal(() => given.promise);
    one.begin(token('first', 100));
    await vi.advanceTimersByTimeAsync(80_000);
    one.end();
    given.resolve(token('late', 100));
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(said).toEqual([]);
  });

  it('can be years away', async () => {
    const { one, said } = renewal(() => token('next', 10));
    one.begin(token('first', 10 * 365 * 86_400));
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(said).toEqual([]);
    one.end();
  });
});

describe('a token whose end nobody knows', () => {
  it.each([undefined, 'opaque'])('is never replaced (%j)', async (known) => {
    let asked = 0;
    const { one } = renewal(() => `opaque ${++asked}`);
    one.begin(known);
    await vi.advanceTimersByTimeAsync(1_000_000_000);
    expect(asked).toBe(0);
  });
});
