import { z } from 'zod';
import type { Outcome } from '../table/refusal.ts';
import type { UsageTable } from '../table/usage-table.ts';
import type { Tell } from '../work/job.ts';
import { tableArgument } from './table-argument.ts';

/** What a tool computes from: one table, or two for a tool that compares. */
export interface Tables {
  table: UsageTable;
  baseline?: UsageTable;
}

/** A tool computes one result from a table. Its schemas are what clients are told and what both ends are held to. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  input: z.ZodObject;
  output: z.ZodType<Record<string, unknown>>;
  run(tables: Tables, args: unknown, tell: Tell): Outcome<Record<string, unknown>>;
}

interface ToolDefinition<Options extends z.ZodRawShape, Result extends Record<string, unknown>> {
  name: string;
  title: string;
  description: string;
  /** Arguments beside the table. */
  options: Options;
  output: z.ZodType<Result>;
  compute(table: UsageTable, options: z.output<z.ZodObject<Options>>, tell: Tell): Outcome<Result>;
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
    // Arguments come here as they were parsed; options whose schema transforms them must take their own output.
    run: ({ table }, args, tell) => compute(table, options.parse(args), tell),
  };
}

/** A tool over two tables: the one asked about, and the one to compare it with. */
export function defineComparison<Options extends z.ZodRawShape, Result extends Record<string, unknown>>(definition: {
  name: string;
  title: string;
  description: string;
  options: Options;
  output: z.ZodType<Result>;
  compute(table: UsageTable, baseline: UsageTable, options: z.output<z.ZodObject<Options>>): Result;
}): Tool {
  const { compute, options: shape, ...words } = definition;
  const options = z.object(shape);
  return {
    ...words,
    input: z.strictObject({
      table: tableArgument,
      baseline: tableArgument.describe('The table to compare with'),
      ...shape,
    }),
    run: ({ table, baseline }, args) => {
      if (baseline === undefined) throw new Error('a comparison has two tables');
      return { ok: true, value: compute(table, baseline, options.parse(args)) };
    },
  };
}
