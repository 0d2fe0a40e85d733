import type { InitializationFrame } from '@reveille/contracts';
import { afterEach, expect, test, vi } from 'vitest';
import type { Member } from '../../src/deliver/member.ts';
import { Waiting } from '../../src/deliver/waiting.ts';

afterEach(() => vi.restoreAllMocks());

test('to be told that it takes long is no progress', () => {
  let now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const told: string[] = [];
  const member = { audience: 'without_log_tail', tell: (frame: Buffer) => told.push(String(frame)) };
  const waiting = new Waiting();
  waiting.add(member as unknown as Member);
  now += 40_000;
  waiting.broadcast({ type: 'initialization_slow' } as InitializationFrame);
  expect(told).toHaveLength(1);
  expect(waiting.silentMs).toBe(40_000);
  waiting.broadcast({ type: 'service_initializing' } as InitializationFrame);
  expect(waiting.silentMs).toBe(0);
});
