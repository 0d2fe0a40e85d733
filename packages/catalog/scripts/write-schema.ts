/** Writes `docs/catalog.schema.json`; a test keeps it equal to the schema. */
import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { catalogJsonSchema } from '../src/json-schema.ts';

const target = new URL('../../../docs/catalog.schema.json', import.meta.url);
await writeFile(target, await format(JSON.stringify(catalogJsonSchema()), { parser: 'json', printWidth: 120 }));
