import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { accept, quote, type Outcome, type Refusal } from '../table/refusal.ts';
import type { TableText, Tell } from '../work/job.ts';
import type { WorkerPool } from '../work/worker-pool.ts';
import type { ToolRegistry } from './registry.ts';
import type { SessionTables } from './session-tables.ts';
import { tableArgument } from './table-argument.ts';

interface Call {
  name: string;
  args: unknown;
  /** Ends the work when it aborts. */
  signal: AbortSignal;
  tell: Tell;
}

/** Runs a tool over a table. What the caller can put right comes back as a result with `isError` and a typed refusal; the rest throws. */
export async function callTool(
  { registry, tables, workers }: { registry: ToolRegistry; tables: SessionTables; workers: WorkerPool },
  { name, args, signal, tell }: Call,
): Promise<CallToolResult> {
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
  const { table: given, baseline: other, ...options } = parsed.data;
  const table = tables.resolve(tableArgument.parse(given));
  if (!table.ok) return failed(table.refusal);
  const baseline: Outcome<TableText | undefined> =
    other === undefined ? accept(undefined) : tables.resolve(tableArgument.parse(other));
  if (!baseline.ok) return failed(baseline.refusal);
  const job = { tool: name, args: options, table: table.value, baseline: baseline.value };
  const result = await workers.run(job, signal, tell);
  if (!result.ok) return failed(result.refusal);
  for (const text of [baseline.value, table.value]) if (text !== undefined) tables.keep(text);
  // Held to the promised schema here, so that a fault in a tool shows as a fault and never as a wrong answer.
  const structuredContent = tool.output.parse(result.value);
  return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
}

function failed(refusal: Refusal): CallToolResult {
  return { isError: true, content: [{ type: 'text', text: refusal.message }], structuredContent: { ...refusal } };
}
