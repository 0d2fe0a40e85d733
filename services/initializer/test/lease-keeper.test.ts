import type { InstanceKey } from '@reveille/contracts';
import { type Ledger, timing } from '@reveille/orchestration';
import { createLogger } from '@reveille/telemetry';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LeaseKeeper } from '../src/start/lease-keeper.ts';

const trustMs = timing.leaseTtlMs.value - timing.trustMarginMs.value;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function keeperOf(renew: Ledger['renew']): LeaseKeeper {
  return new LeaseKeeper({
    ledger: { renew } as Ledger,
    owner: 'me',
    instance: 'db~global' as InstanceKey,
    epoch: 1,
    logger: createLogger({ name: 'test', level: 'silent' }),
    since: performance.now(),
    onRenewed: () => undefined,
  });
}

test('trust ends a margin before the lease, also for a holder whose event loop ran no timer meanwhile', async () => {
  await using keeper = keeperOf(async () => ({ held: true }));
  expect(keeper.trusted()).toBe(true);
  // The clock goes on, and no timer runs: a blocked event loop.
  vi.setSystemTime(Date.now() + trustMs);
  const now = performance.now();
  vi.spyOn(performance, 'now').mockReturnValue(now + trustMs);
  expect(keeper.trusted()).toBe(false);
  vi.mocked(performance.now).mockRestore();
});

test('while the ledger does not answer trust runs out, and with it the claim', async () => {
  await using keeper = keeperOf(() => new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(trustMs - 1);
  expect(keeper.lost.aborted).toBe(false);
  // Until then: the last renewal, which is given up after a second.
  await vi.advanceTimersByTimeAsync(1_001);
  expect(keeper.lost.aborted).toBe(true);
  expect(keeper.trusted()).toBe(false);
});

test('a renewal counts from when it was asked for, not from its answer', async () => {
  const answers: (() => void)[] = [];
  await using keeper = keeperOf(() => new Promise((resolve) => answers.push(() => resolve({ held: true }))));
  await vi.advanceTimersByTimeAsync(timing.leaseRenewMs.value);
  await vi.advanceTimersByTimeAsync(900);
  answers[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  vi.spyOn(performance, 'now').mockReturnValue(timing.leaseRenewMs.value + trustMs);
  expect(keeper.trusted()).toBe(false);
  vi.mocked(performance.now).mockReturnValue(timing.leaseRenewMs.value + trustMs - 1);
  expect(keeper.trusted()).toBe(true);
  vi.mocked(performance.now).mockRestore();
});

test('what is held by another is lost at once', async () => {
  await using keeper = keeperOf(async () => ({ held: false }));
  await vi.advanceTimersByTimeAsync(timing.leaseRenewMs.value);
  expect(keeper.lost.aborted).toBe(true);
});
