import type { InitializationFrame } from '@reveille/contracts';
import { afterEach, expect, test, vi } from 'vitest';
import { openInitialization } from '../../src/deliver/initialization.ts';
import type { Member } from '../../src/deliver/member.ts';
import { Waiting } from '../../src/deliver/waiting.ts';

const initialization = openInitialization({ entrypoint: 'chat', origin: undefined, startedAt: 0 });

afterEach(() => vi.restoreAllMocks());

test('to be told that it takes long is no progress', () => {
  let now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const told: string[] = [];
  const member = { audience: 'without_log_tail', tell: (frame: Buffer) => told.push(String(frame)) };
  const waiting = new Waiting();
  waiting.add(member as unknown as Member, initialization);
  now += 40_000;
  waiting.broadcast([{ type: 'initialization_slow' } as InitializationFrame]);
  expect(told).toHaveLength(1);
  expect(waiting.silentMs).toBe(40_000);
  waiting.broadcast([{ type: 'service_initializing' } as InitializationFrame]);
  expect(waiting.silentMs).toBe(0);
});

test('what one change tells is one piece, the same for all who may read the same', () => {
  const told = new Map<string, Buffer[]>();
  const waiting = new Waiting();
  for (const [name, audience] of [
    ['ann', 'without_log_tail'],
    ['bob', 'without_log_tail'],
    ['operator', 'with_log_tail'],
  ] as const) {
    const tell = (frames: Buffer): void => void told.set(name, [...(told.get(name) ?? []), frames]);
    waiting.add({ audience, tell } as unknown as Member, initialization);
  }
  const failure = { code: 'exited_early', logTail: ['a secret'] };
  waiting.broadcast([{ type: 'service_initializing' }, { type: 'service_failed', failure }] as InitializationFrame[]);
  const [ann, bob, operator] = [...told.values()].map(([first]) => first);
  expect([...told.values()].map(({ length }) => length)).toEqual([1, 1, 1]);
  expect(ann).toBe(bob);
  expect(String(ann)).toMatch(/service_initializing.*service_failed/s);
  expect(String(ann)).not.toContain('a secret');
  expect(String(operator)).toContain('a secret');
  waiting.broadcast([{ type: 'service_initializing' }] as InitializationFrame[]);
  expect(told.get('ann')?.[1]).toBe(told.get('operator')?.[1]);
  waiting.broadcast([]);
  expect(told.get('ann')).toHaveLength(2);
});
