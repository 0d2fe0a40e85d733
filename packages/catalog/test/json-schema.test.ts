import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { catalogJsonSchema, compileSchema } from '../src/index.ts';
import { minimal } from './catalog-text.ts';

const stored = new URL('../../../docs/catalog.schema.json', import.meta.url);

test('docs/catalog.schema.json is the schema of today (write it with `npm run schema -w @reveille/catalog`)', async () => {
  expect(JSON.parse(await readFile(stored, 'utf8'))).toEqual(catalogJsonSchema());
});

test('it accepts a catalog and refuses one with an unknown key or a wrong kind', () => {
  const fits = compileSchema(catalogJsonSchema());
  expect(fits(parse(minimal()))).toBe(true);
  expect(fits(parse(`${minimal()}extra: 1`))).toBe(false);
  expect(fits(parse(minimal().replace('port: 4000', 'port: none')))).toBe(false);
});
