import { z } from 'zod';

/** How many row numbers a result carries for one finding; `rowsTotal` says how many there are. */
export const ROWS_SAMPLE = 20;

/** Models in a price table. */
const MOST_PRICED_MODELS = 100;

export const totals = z.object({
  requests: z.int(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  cost: z.number().optional().describe('Only with a cost column or prices given by the user'),
});
export type Totals = z.infer<typeof totals>;

/** Where a money figure comes from. A result without it holds no money at all. */
export const money = z.object({
  source: z.enum(['cost column', 'prices given']),
  currency: z.string().optional().describe('As stated in the file or by the user; absent when nobody stated one'),
  rowsWithCost: z.int(),
});
export type Money = z.infer<typeof money>;

export const missing = z
  .array(z.object({ what: z.string(), why: z.string() }))
  .describe('What would be needed to say more');
export type Missing = z.infer<typeof missing>;

export const prices = z
  .object({
    inputPerMillion: z.number().nonnegative(),
    outputPerMillion: z.number().nonnegative(),
    currency: z.string().max(8).optional(),
    models: z
      .array(
        z.object({
          model: z.string().min(1).max(200),
          inputPerMillion: z.number().nonnegative(),
          outputPerMillion: z.number().nonnegative(),
        }),
      )
      .max(MOST_PRICED_MODELS)
      .optional()
      .describe('For the models of the table, by their names there; the prices beside are those of all others'),
  })
  .describe('Prices per million tokens, as the user states them. None are assumed.');
export type Prices = z.infer<typeof prices>;

export const because = z.string().describe('Why this method, for this table');

export const quantiles = z.object({
  min: z.number(),
  p25: z.number(),
  p50: z.number(),
  p75: z.number(),
  p90: z.number(),
  p99: z.number(),
  max: z.number(),
  mean: z.number(),
});
export type Quantiles = z.infer<typeof quantiles>;

/** Something that could be done, with the numbers and the rows behind it, and how sure they are. */
export const opportunity = z.object({
  id: z.string(),
  title: z.string(),
  numbers: z.record(z.string(), z.number()),
  rows: z.array(z.int()).max(ROWS_SAMPLE).describe('Row numbers of the file, a sample'),
  rowsTotal: z.int(),
  method: z.string(),
  because,
  certainty: z
    .enum(['measured', 'estimate', 'upper bound'])
    .describe('"upper bound": the truth is at most this and may be nothing'),
});
export type Opportunity = z.infer<typeof opportunity>;
