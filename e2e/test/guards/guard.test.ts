import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readGuards, withoutGuard } from '../../src/guards/guard.ts';

const root = join(import.meta.dirname, '../../..');
const guards = readGuards(root);

test.each(guards.map((guard) => [guard.guard, guard] as const))('%s: stands where the list says', (_, guard) => {
  const source = readFileSync(join(root, guard.file), 'utf8');
  expect(withoutGuard(guard, source)).not.toBe(source);
  expect(existsSync(join(root, guard.test.file))).toBe(true);
});

test('each invariant has a guard, and each guard a name of its own', () => {
  expect([...new Set(guards.map(({ invariant }) => invariant))].toSorted((a, b) => a - b)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ]);
  expect(new Set(guards.map(({ guard }) => guard)).size).toBe(guards.length);
});

test('a guard whose text is not there, or is there twice, is an error and not passed over', () => {
  const [guard] = guards;
  if (guard === undefined) throw new Error('there is no guard');
  expect(() => withoutGuard(guard, 'something else')).toThrow(/0 times/);
  expect(() => withoutGuard(guard, `${guard.text}\n${guard.text}`)).toThrow(/2 times/);
});
