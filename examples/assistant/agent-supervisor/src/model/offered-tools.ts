import { jsonSchema, tool, type ToolSet } from 'ai';
import { z } from 'zod';
import { lackFor } from '../tools/possible-tools.ts';
import type { ToolDescription } from '../tools/tool-names.ts';
import type { ToolResult } from '../tools/tool-results.ts';

/** Arguments that are the run's to give: which table, and what the user said about prices. */
const NOT_THE_MODELS = ['table', 'prices'];

/** The tools that a model may choose from for this table, with the arguments that are its to choose. None runs by itself. */
export function offeredTools(tools: readonly ToolDescription[], description: ToolResult<'describe_data'>): ToolSet {
  const offered = tools.filter(({ name }) => name !== 'describe_data' && lackFor(name, description) === undefined);
  return Object.fromEntries(
    offered.map(({ name, description, inputSchema }) => [name, offer(description, inputSchema)]),
  );
}

function offer(description: string, inputSchema: Record<string, unknown>): ToolSet[string] {
  const schema = withoutOurs(inputSchema);
  const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  return tool({
    description,
    inputSchema: jsonSchema(schema, {
      validate: (value) => {
        const parsed = validator.safeParse(value);
        return parsed.success
          ? { success: true, value: value as Record<string, unknown> }
          : { success: false, error: new Error(z.prettifyError(parsed.error)) };
      },
    }),
  });
}

function withoutOurs(schema: Record<string, unknown>): Record<string, unknown> {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, unknown>);
  const required = (schema['required'] ?? []) as string[];
  return {
    ...schema,
    properties: Object.fromEntries(properties.filter(([name]) => !NOT_THE_MODELS.includes(name))),
    required: required.filter((name) => !NOT_THE_MODELS.includes(name)),
  };
}
