import type { Tool as ToolDescription } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { REFUSAL_CODES } from '../table/refusal.ts';
import type { Tool } from './tool.ts';

/** What `structuredContent` holds when `isError` is set. */
export const refusalSchema = z.strictObject({
  code: z.enum(REFUSAL_CODES),
  message: z.string(),
  expected: z.string(),
  found: z.string(),
});

export interface ToolRegistry {
  find(name: string): Tool | undefined;
  /** In the form of `tools/list`. */
  descriptions: ToolDescription[];
}

/** Registers one tool after the other, telling before each which one it is: writing out its schemas is the work of registering. */
export function registerTools(
  tools: readonly Tool[],
  onRegistering: (tool: Tool, position: number) => void = () => undefined,
): ToolRegistry {
  const byName = new Map<string, Tool>();
  const descriptions: ToolDescription[] = [];
  for (const [position, tool] of tools.entries()) {
    onRegistering(tool, position);
    if (byName.has(tool.name)) throw new Error(`two tools are named ${tool.name}`);
    byName.set(tool.name, tool);
    descriptions.push(describe(tool));
  }
  return { find: (name) => byName.get(name), descriptions };
}

function describe(tool: Tool): ToolDescription {
  return {
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: objectSchema(z.toJSONSchema(tool.input, { io: 'input', target: 'draft-7' })),
    // Clients hold structured content to this schema, errors included: so it names both.
    outputSchema: {
      type: 'object',
      anyOf: [jsonSchema(tool.output), jsonSchema(refusalSchema)],
    },
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  };
}

function jsonSchema(schema: z.ZodType): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'output', target: 'draft-7' });
  return rest;
}

function objectSchema(schema: Record<string, unknown>): ToolDescription['inputSchema'] {
  const { $schema: _dialect, ...rest } = schema;
  return { ...rest, type: 'object' };
}
