/** Stands in for `node:crypto`: what of it is random comes from the seed. */
import { randomBytes as realRandomBytes } from 'node:crypto';
import type { Random } from '../random.ts';

export * from 'node:crypto';

let drawn: ((size: number) => Random) | undefined;

export function drawFrom(from: typeof drawn): void {
  drawn = from;
}

export function randomBytes(size: number): Buffer {
  const random = drawn?.(size);
  return random ? Buffer.from(Array.from({ length: size }, () => random.between(0, 255))) : realRandomBytes(size);
}

export function randomUUID(): string {
  return randomBytes(16)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
