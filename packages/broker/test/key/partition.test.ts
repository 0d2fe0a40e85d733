import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitionOf } from '../../src/key/partition.ts';

test('the partition of a name is FNV-1a of its bytes, with the published values', () => {
  // http://www.isthe.com/chongo/src/fnv/test_fnv.c
  const published = { '': 0x811c9dc5, a: 0xe40c292c, foobar: 0xbf9cf968 };
  for (const [name, hash] of Object.entries(published)) expect(partitionOf(name, 2 ** 32)).toBe(hash);
});

test('a name of any letters is hashed by its UTF-8', () => {
  const overBytes = (name: string): number =>
    new TextEncoder().encode(name).reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 0x811c9dc5);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      expect(partitionOf(name, 1024)).toBe(overBytes(name) % 1024);
    }),
  );
});
