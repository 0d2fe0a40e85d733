import { expect, test } from 'vitest';
import { promisedRoot, traceIdOf } from '../../src/index.ts';

test('a promised root follows from its key alone', () => {
  const root = promisedRoot('db~global 7');
  expect(promisedRoot('db~global 7')).toEqual(root);
  const others = [root, promisedRoot('db~global 8'), promisedRoot('app~global 7')];
  expect(new Set(others.map(({ id }) => id)).size).toBe(3);
  expect(new Set(others.map(({ traceparent }) => traceIdOf(traceparent))).size).toBe(3);
});

test.each(Array.from({ length: 32 }, (_, at) => `key ${at}`))('its id is a UUID, its trace is valid: %s', (key) => {
  const { id, traceparent } = promisedRoot(key);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(traceIdOf(traceparent)).toBeDefined();
});
