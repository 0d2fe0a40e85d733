import { z } from 'zod';
import { because, missing, money, quantiles, totals } from './figures.ts';

export const PROBLEMS_SHOWN = 50;
/** Columns listed, unless more of them have a role. */
export const COLUMNS_SHOWN = 200;

const problem = z.object({ row: z.int(), column: z.string().optional(), reason: z.string(), found: z.string() });

export const describeData = z.object({
  table: z.object({
    ref: z.string().describe('Give this as {ref} in later calls of the session instead of the content'),
    name: z.string().optional(),
    bytes: z.int(),
    format: z.enum(['csv', 'json', 'jsonl']),
    separator: z.string().optional(),
    decimalSign: z.enum(['.', ',']).describe('How its numbers were read'),
    rowNumbers: z
      .enum(['line', 'element'])
      .describe('What row numbers count, from 1: lines of the file or elements of the array'),
  }),
  columnsTotal: z.int(),
  columns: z.array(z.object({ name: z.string(), role: z.string().optional(), because: z.string() })),
  rows: z.object({
    read: z.int(),
    used: z.int(),
    rejected: z.int().describe('Part of nothing'),
    summedBy: z
      .string()
      .optional()
      .describe('The column that says how many requests each row sums up; absent where each row is one'),
    incompleteCells: z
      .int()
      .describe('In rows that are counted: cells for time, cost or cached input without a usable value'),
  }),
  rejectedRows: z.array(problem).max(PROBLEMS_SHOWN),
  incompleteCells: z.array(problem).max(PROBLEMS_SHOWN),
  timeSpan: z
    .object({
      from: z.string(),
      to: z.string(),
      durationMs: z.number(),
      formats: z.array(z.string()),
      assumedUtc: z.boolean().describe('True: the file states no time zone, its times were read as UTC'),
    })
    .optional(),
  totals,
  money: money.optional(),
  inputTokens: quantiles,
  outputTokens: quantiles,
  method: z.string(),
  because,
  missing,
});
export type DescribeData = z.infer<typeof describeData>;
