import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { asyncapiDocument } from '../src/asyncapi/document.ts';
import { edgeOpenapiDocument } from '../src/openapi/document.ts';

const documents = { 'asyncapi.json': asyncapiDocument(), 'openapi-edge.json': edgeOpenapiDocument() };

/** `REVEILLE_WRITE_DOCS=1` (`npm run docs`) writes it instead. */
test.each(Object.entries(documents))('docs/%s is the document of the schemas', async (name, document) => {
  const file = new URL(`../../../docs/${name}`, import.meta.url);
  if (process.env['REVEILLE_WRITE_DOCS']) await writeFile(file, `${JSON.stringify(document, undefined, 2)}\n`);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(document)));
});
