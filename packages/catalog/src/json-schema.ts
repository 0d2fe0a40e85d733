import { catalog } from '@reveille/contracts';
import { z } from 'zod';

/**
 * The JSON Schema (2020-12) of a catalog as people write it, for editors: `docs/catalog.schema.json` is its stored form. It knows keys,
 * types and defaults; the rules between keys are known to `readCatalog` alone.
 */
export function catalogJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(catalog, { io: 'input' }),
    title: 'Reveille catalog',
    description: 'The declared services and entrypoints of a deployment. docs/catalog.md explains every key.',
  };
}
