import { catalogJsonSchema } from '../json-schema.ts';
import type { Path } from '../yaml/source-map.ts';

type JsonSchema = {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
};

/** Made when the first unknown key is met; the same for every catalog. */
let root: JsonSchema | undefined;

/** The keys that a mapping at this path may have. */
export function knownKeys(path: Path): string[] {
  root ??= catalogJsonSchema() as JsonSchema;
  const expand = (schema: JsonSchema): JsonSchema[] => [schema, ...(schema.anyOf ?? []).flatMap(expand)];
  const found = path.reduce<JsonSchema[]>(
    (schemas, step) => schemas.flatMap((schema) => stepInto(schema, step)).flatMap(expand),
    [root],
  );
  return [...new Set(found.flatMap((schema) => Object.keys(schema.properties ?? {})))];
}

function stepInto(schema: JsonSchema, step: string | number): JsonSchema[] {
  if (typeof step === 'number') return schema.items === undefined ? [] : [schema.items];
  const named =
    schema.properties !== undefined && Object.hasOwn(schema.properties, step) ? schema.properties[step] : undefined;
  if (named !== undefined) return [named];
  return typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
}
