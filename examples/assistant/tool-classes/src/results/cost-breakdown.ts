import { z } from 'zod';
import { because, missing, money, ROWS_SAMPLE, totals } from './figures.ts';

/** Groups shown per grouping; the rest is summed in one group called "(others)". */
export const GROUPS_SHOWN = 20;

export const group = totals.extend({
  key: z.string(),
  shareOfRequests: z.number(),
  shareOfTokens: z.number().describe('Of input and output tokens together'),
  shareOfCost: z.number().optional(),
});
export type Group = z.infer<typeof group>;

export const costBreakdown = z.object({
  totals,
  money: money.optional(),
  mix: z.object({
    inputShareOfTokens: z.number(),
    outputShareOfTokens: z.number(),
    inputPerOutputToken: z.number().optional(),
    inputShareOfCost: z
      .number()
      .optional()
      .describe('Only when prices are given: a cost column does not tell the two apart'),
  }),
  byModel: z.array(group).optional(),
  byTag: z.array(z.object({ column: z.string(), groups: z.array(group) })),
  bySize: z.array(group).describe('By input tokens of the request'),
  byTime: z.object({ bucketMs: z.number(), buckets: z.array(group) }).optional(),
  topRequests: z.array(
    z.object({
      share: z.number().describe('0.01 = the largest 1 % of the requests'),
      by: z.enum(['cost', 'tokens']),
      requests: z.int(),
      shareOfTokens: z.number(),
      shareOfCost: z.number().optional(),
      rows: z.array(z.int()).max(ROWS_SAMPLE),
    }),
  ),
  largestRows: z
    .object({
      by: z.enum(['cost', 'tokens']),
      rows: z
        .array(
          z.object({
            row: z.int(),
            at: z.string().optional(),
            model: z.string().optional(),
            inputTokens: z.number(),
            outputTokens: z.number(),
            cost: z.number().optional(),
          }),
        )
        .max(ROWS_SAMPLE),
    })
    .optional(),
  method: z.string(),
  because,
  missing,
});
export type CostBreakdown = z.infer<typeof costBreakdown>;
