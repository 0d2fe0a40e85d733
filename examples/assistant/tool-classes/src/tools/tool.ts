import { z } from 'zod';
import type { Outcome } from '../table/refusal.ts';
import type { UsageTable } from '../table/usage-table.ts';
import { tableArgument } from './table-argument.ts';

/** A tool computes one result from one table. Its schemas are what clients are told and what both ends are held to. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  input: z.ZodObject;
  output: z.ZodType<Record<string, unknown>>;
  run(table: UsageTable, args: unknown): Outcome<Record<string, unknown>>;
}

interface ToolDefinition<Options extends z.ZodRawShape, Result extends Record<string, unknown>> {
  name: string;
  title: string;
  description: string;
  /** Arguments beside `table`. */
  options: Options;
  output: z.ZodType<Result>;
  compute(table: UsageTable, options: z.output<z.ZodObject<Options>>): Outcome<Result>;
}

export function defineTool<Options extends z.ZodRawShape, Result extends Record<string, unknown>>(
  definition: ToolDefinition<Options, Result>,
): Tool {
  const { name, title, description, output, compute } = definition;
  const options = z.object(definition.options);
  return {
    name,
    title,
    description,
    input: z.strictObject({ table: tableArgument, ...definition.options }),
    output,
    run: (table, args) => compute(table, options.parse(args)),
  };
}
