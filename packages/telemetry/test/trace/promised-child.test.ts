import { expect, test } from 'vitest';
import { newTraceparent, promisedChild, traceIdOf } from '../../src/index.ts';

test('a promised child has the trace of its parent and the same span id for whoever knows its key', () => {
  const parent = newTraceparent();
  const child = promisedChild(parent, 'db~global 7');
  expect(traceIdOf(child ?? '')).toBe(traceIdOf(parent));
  expect(promisedChild(parent, 'db~global 7')).toBe(child);
  expect(new Set([parent, child, promisedChild(parent, 'db~global 8')]).size).toBe(3);
  expect(promisedChild('nonsense', 'db~global 7')).toBeUndefined();
});
