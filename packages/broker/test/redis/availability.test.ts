import { expect, test } from 'vitest';
import { Availability, commandTimeoutMs, maxTtlMs } from '../../src/redis/availability.ts';

test('an outage prolongs what was leased by its own length, for one ttl after it', () => {
  let now = 0;
  const availability = new Availability(() => now);
  now = 1000;
  availability.answered();
  availability.failed('gone');
  now = 6000;
  expect([availability.unavailable(), availability.awayForMs()]).toEqual(['gone', 5000]);
  // What is sent now is answered, if at all, up to a timeout later.
  expect(availability.allowanceMs()).toBe(5000 + commandTimeoutMs);
  availability.answered();
  expect([availability.unavailable(), availability.awayForMs(), availability.allowanceMs()]).toEqual([
    undefined,
    0,
    5000,
  ]);
  now += maxTtlMs - 1;
  expect(availability.allowanceMs()).toBe(5000);
  now += 1;
  expect(availability.allowanceMs()).toBe(0);
});

test('an outage soon after another adds to it', () => {
  let now = 0;
  const availability = new Availability(() => now);
  for (const length of [3000, 4000]) {
    availability.failed('gone');
    now += length;
    availability.answered();
  }
  expect(availability.allowanceMs()).toBe(7000);
});
