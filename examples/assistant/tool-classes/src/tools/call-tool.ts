import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { quote, type Refusal } from '../table/refusal.ts';
import type { ToolRegistry } from './registry.ts';
import { tableArgument } from './table-argument.ts';
import type { TableCache } from './table-cache.ts';

/** Runs a tool over a table. What the caller can put right comes back as a result with `isError` and a typed refusal; the rest throws. */
export function callTool(registry: ToolRegistry, tables: TableCache, name: string, args: unknown): CallToolResult {
  const tool = registry.find(name);
  if (tool === undefined) {
    const names = registry.descriptions.map((description) => description.name).join(', ');
    return failed({ code: 'unknown_tool', message: `There is no tool ${quote(name)}.`, expected: names, found: name });
  }
  const parsed = tool.input.safeParse(args ?? {});
  if (!parsed.success) {
    return failed({
      code: 'invalid_arguments',
      message: `The arguments of ${name} are not right: ${z.prettifyError(parsed.error)}`,
      expected: 'arguments as in the input schema of the tool',
      found: quote(JSON.stringify(args ?? {})),
    });
  }
  const table = tables.resolve(tableArgument.parse(parsed.data['table']));
  if (!table.ok) return failed(table.refusal);
  const result = tool.run(table.value, parsed.data);
  if (!result.ok) return failed(result.refusal);
  // Held to the promised schema here, so that a fault in a tool shows as a fault and never as a wrong answer.
  const structuredContent = tool.output.parse(result.value);
  return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
}

function failed(refusal: Refusal): CallToolResult {
  return { isError: true, content: [{ type: 'text', text: refusal.message }], structuredContent: { ...refusal } };
}
