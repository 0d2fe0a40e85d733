import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestName } from '../../src/plan/index.ts';

const known = ['thread_service', 'tool_classes', 'bridge'];

test('a slip of the fingers finds the name that was meant', () => {
  expect(nearestName('thread_servcie', known)).toBe('thread_service');
  expect(nearestName('Bridge', known)).toBe('bridge');
  expect(nearestName('tool-class', known)).toBe('tool_classes');
});

test('something else finds nothing', () => {
  expect(nearestName('redis', known)).toBeUndefined();
  expect(nearestName('x', [])).toBeUndefined();
  expect(nearestName('x'.repeat(100_000), ['y'.repeat(100_000)])).toBeUndefined();
});

test('one edit away is always found when the other names are far', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...known),
      fc.nat(),
      fc.constantFrom('drop', 'double', 'replace', 'swap'),
      (name, pick, edit) => {
        const at = pick % (name.length - 1);
        const [head, one, two, tail] = [name.slice(0, at), name.charAt(at), name.charAt(at + 1), name.slice(at + 2)];
        const edited = {
          drop: head + two + tail,
          double: head + one + one + two + tail,
          replace: `${head}#${two}${tail}`,
          swap: head + two + one + tail,
        };
        expect(nearestName(edited[edit], known)).toBe(name);
      },
    ),
  );
});
