import specs from '@asyncapi/specs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { ApiDocument } from '../../src/api/document.ts';

test('docs/asyncapi.json is valid AsyncAPI 3, by the schema of its makers', async () => {
  const { root } = await ApiDocument.read('asyncapi.json');
  const schema = specs.schemas['3.0.0'] as object;
  // Their schema brings that of draft-07 along, names formats that are for editors, and has keywords that ajv does not know.
  const ajv = new Ajv({ meta: false, validateSchema: false, strict: false, validateFormats: false, allErrors: true });
  const valid = ajv.compile(schema);
  valid(root);
  expect(valid.errors ?? []).toEqual([]);
  expect(valid({ ...root, operations: { hear: { action: 'listen' } } })).toBe(false);
});

test.each(['openapi-edge.json', 'openapi-admin.json'])('docs/%s is valid OpenAPI 3.1', async (name) => {
  const { root } = await ApiDocument.read(name);
  expect(await new Validator().validate(structuredClone(root))).toEqual({ valid: true });
  expect(await new Validator().validate({ ...structuredClone(root), paths: { '/': { get: 5 } } })).toMatchObject({
    valid: false,
  });
});

test.each(['asyncapi.json', 'openapi-edge.json', 'openapi-admin.json'])(
  'every reference in docs/%s leads somewhere',
  async (name) => {
    const document = await ApiDocument.read(name);
    for (const reference of document.references()) {
      expect(reference).toMatch(/^#\//);
      expect(() => document.at(reference)).not.toThrow();
    }
  },
);
