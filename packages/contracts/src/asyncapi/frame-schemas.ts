import { z } from 'zod';
import { clientFrame } from '../client-frame.ts';
import { failure } from '../failure.ts';
import { plannedService, serverFrame } from '../server-frame.ts';
import { upstreamCommand, upstreamEvent } from '../upstream-frame.ts';

type JsonSchema = Record<string, unknown>;

const at = '#/components/schemas/';

/** Shapes that more than one frame has, and every frame by its type: no two conversations use the same type. */
function named(): Map<string, z.ZodType> {
  const all = new Map<string, z.ZodType>([
    ['failure', failure],
    ['planned_service', plannedService],
  ]);
  for (const union of [clientFrame, serverFrame, upstreamCommand, upstreamEvent])
    for (const frame of union.options) {
      const type = frame.shape.type.value;
      if (all.has(type)) throw new Error(`two frames are called ${type}`);
      all.set(type, frame);
    }
  return all;
}

/** JSON Schema (draft-07, which AsyncAPI's schemas are a superset of) of every frame. Unknown fields are allowed, as the protocol does. */
export function frameSchemas(): Record<string, JsonSchema> {
  const names = named();
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of names) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { target: 'draft-7', io: 'input', uri: (id) => at + id });
  return Object.fromEntries(
    [...names.keys()].map((name) => {
      const { $schema: _, $id: __, ...schema } = schemas[name] as JsonSchema;
      return [name, withAnyJson(schema) as JsonSchema];
    }),
  );
}

/** zod says "any JSON" by a schema that refers to itself, in a place that is none of this document's: the empty schema says as much. */
function withAnyJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withAnyJson);
  const { $ref } = value as { $ref?: unknown };
  if (typeof $ref === 'string' && $ref.startsWith(`${at}__shared`)) return { description: 'Any JSON.' };
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withAnyJson(part)]));
}
