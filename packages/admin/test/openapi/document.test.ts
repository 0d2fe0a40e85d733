import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { adminRoutes, openapiDocument } from '../../src/index.ts';

const file = new URL('../../../../docs/openapi-admin.json', import.meta.url);
// No handler is called here; services/relay/test/admin calls each of them.
const document = openapiDocument(adminRoutes({ broker: {} } as never));

/** `REVEILLE_WRITE_DOCS=1` writes it instead. */
test('docs/openapi-admin.json is the document of the routes', async () => {
  if (process.env['REVEILLE_WRITE_DOCS']) await writeFile(file, `${JSON.stringify(document, undefined, 2)}\n`);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(document)));
});

test('every operation is described, needs the token, and says what it answers when it refuses', () => {
  expect(document).toMatchObject({ openapi: '3.1.0', security: [{ token: [] }] });
  for (const [path, methods] of Object.entries(document.paths))
    for (const operation of Object.values(methods)) {
      expect(operation).toMatchObject({ summary: expect.stringMatching(/\.$/), responses: { default: {} } });
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const { parameters = [] } = operation as { parameters?: { name: string; in: string; required: boolean }[] };
      const inPath = parameters.filter((one) => one.in === 'path');
      expect(inPath.map(({ name }) => name)).toEqual(named);
      expect(inPath.every(({ required }) => required)).toBe(true);
    }
});
