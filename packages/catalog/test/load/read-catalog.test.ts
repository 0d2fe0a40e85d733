import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CatalogError, maxCatalogBytes, readCatalog } from '../../src/index.ts';
import { minimal } from '../catalog-text.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reveille-catalog-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a catalog is read from its file, and its folder is absolute', async () => {
  const file = join(folder, 'reveille.yaml');
  await writeFile(file, `\ufeff${minimal()}`);
  expect(await readCatalog(file)).toMatchObject({ file, dir: folder, catalog: { version: 1 } });
});

test('a catalog of just the largest size is read', async () => {
  const file = join(folder, 'reveille.yaml');
  const text = `${minimal()}#`;
  await writeFile(file, text + '-'.repeat(maxCatalogBytes - text.length));
  expect(await readCatalog(file)).toHaveProperty('digest');
});

test.each([
  ['a file that is not there', undefined, 'no such file'],
  ['a larger one', 'x'.repeat(maxCatalogBytes + 1), 'more than 262144 bytes'],
  ['bytes that are no text', Buffer.from([0x61, 0xff, 0xfe]), 'bytes that are not UTF-8'],
])('%s is refused in the same form as any other fault', async (_what, content, found) => {
  const file = join(folder, 'reveille.yaml');
  if (content !== undefined) await writeFile(file, content);
  const refusal = await readCatalog(file).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(CatalogError);
  expect(refusal).toMatchObject({ faults: [{ file, line: 1, column: 1, path: '', found }] });
});

test('a folder is no catalog', async () => {
  await expect(readCatalog(folder)).rejects.toThrow(
    /found (it is not a file|a folder), expected a catalog that can be read/,
  );
});
