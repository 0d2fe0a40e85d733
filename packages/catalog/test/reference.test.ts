import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { catalogJsonSchema, maxCatalogBytes, parseCatalog } from '../src/index.ts';
import { maxPatternLength } from '../src/engine/compile-regex.ts';
import { maxAliases } from '../src/yaml/check-bounds.ts';
import { minimal, refusalOf } from './catalog-text.ts';

const page = await readFile(new URL('../../../docs/catalog.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);

test('the page has examples', () => {
  expect(examples.length).toBeGreaterThanOrEqual(6);
});

test.each(examples.map((text, index) => [index + 1, text] as const))(
  'example %i of docs/catalog.md is taken',
  (_, text) => {
    expect(parseCatalog(text, 'docs/catalog.md').digest).toMatch(/^[0-9a-f]{16}$/);
  },
);

test('the report that the page shows is the report that such a catalog gets', () => {
  const text = `version: 1
services:
  thread_service: { start: { process: { command: [a] } } }
  bridge:
    start: { process: { command: [b] } }
    dependsOn: [thread_servic]
entrypoints:
  chat:
    dedlineMs: 1
    service: bridge
`;
  expect(page).toContain(refusalOf(text).report);
});

test('every key of the schema is named on the page', () => {
  expect(
    [...keysOf(catalogJsonSchema())].filter(
      (key) =>
        !page.includes(`\`${key}`) && !page.includes(`.${key}\``) && !new RegExp(`[{, (]${key}[?:,} ]`).test(page),
    ),
  ).toEqual([]);
});

test('the defaults that the tables state are those that are filled in', () => {
  const text = minimal().replace('endpoint: { port: 4000 }', 'live: { tcp: {} }');
  const { catalog } = parseCatalog(text, 'reveille.yaml');
  const [services = '', entrypoints = ''] = page.split('\n## Entrypoints');
  const stated = [
    ...defaultsIn(services).map((row) => ({ ...row, of: Object.values(catalog.services)[0] })),
    ...defaultsIn(entrypoints).map((row) => ({ ...row, of: Object.values(catalog.entrypoints)[0] })),
  ];
  expect(stated.length).toBeGreaterThan(30);
  for (const { key, value, of } of stated) expect(of).toHaveProperty(key, value);
});

test('the bounds that the page states are those that hold', () => {
  expect(page).toContain(`at most ${maxCatalogBytes / 1024} KiB`);
  expect(page).toContain(`at most ${maxAliases} aliases`);
  expect(page).toMatch(new RegExp(`at most ${maxPatternLength}\\s+characters`));
});

function keysOf(schema: unknown): Set<string> {
  if (typeof schema !== 'object' || schema === null) return new Set();
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : [];
  return new Set([...own, ...Object.values(schema).flatMap((part) => [...keysOf(part)])]);
}

/** Rows of tables whose second column is a plain default: a number or one word of code. */
function defaultsIn(text: string): { key: string; value: string | number | boolean }[] {
  return [...text.matchAll(/^\| `([\w.]+)` \| (?:(\d+)|`([\w/]+)`) \|/gm)].map(([, key = '', number, word = '']) => ({
    key,
    value: number === undefined ? (word === 'false' ? false : word) : Number(number),
  }));
}
