import { z } from 'zod';
import { because, missing, money, totals } from './figures.ts';

/** Models shown; those with the largest change come first. */
export const MODELS_COMPARED = 20;

const side = z.object({
  name: z.string().optional(),
  totals,
  money: money.optional(),
  timeSpan: z.object({ from: z.string(), to: z.string(), durationMs: z.number() }).optional(),
  perMinute: z.object({ requests: z.number(), tokens: z.number() }).optional(),
  inputTokensP50: z.number().optional(),
  outputTokensP50: z.number().optional(),
  tokensPerRequest: z.number(),
});

const change = z.object({
  what: z.string(),
  before: z.number(),
  now: z.number(),
  difference: z.number(),
  ratio: z.number().optional().describe('now / before; absent when before is 0'),
});
export type Change = z.infer<typeof change>;

export const compareTables = z.object({
  before: side,
  now: side,
  changes: z.array(change),
  models: z
    .array(
      z.object({
        model: z.string(),
        requestsBefore: z.int(),
        requestsNow: z.int(),
        tokensBefore: z.number(),
        tokensNow: z.number(),
      }),
    )
    .max(MODELS_COMPARED)
    .optional(),
  largerNow: z
    .object({
      inputTokens: z.number(),
      outputTokens: z.number(),
    })
    .optional()
    .describe(
      'Probability that a request of now has more tokens than one of before, ties counted half: 0.5 = no difference',
    ),
  method: z.string(),
  because,
  missing,
});
export type CompareTables = z.infer<typeof compareTables>;
