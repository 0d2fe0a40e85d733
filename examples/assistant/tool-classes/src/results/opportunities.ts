import { z } from 'zod';
import { missing, money, opportunity } from './figures.ts';

/** What the three tools that look for savings have in common. */
export const opportunities = z.object({
  opportunities: z.array(opportunity),
  knowable: z.array(z.string()).describe('What the columns of this table can tell'),
  notKnowable: z.array(z.string()).describe('What no analysis of these columns can tell'),
  money: money.optional(),
  missing,
});
export type Opportunities = z.infer<typeof opportunities>;

export const rightSizing = opportunities.extend({
  contextSizes: z.array(
    z.object({
      contextTokens: z.int(),
      requestsThatFit: z.int(),
      shareOfRequests: z.number(),
      shareOfTokens: z.number(),
    }),
  ),
  byModel: z
    .array(
      z.object({
        model: z.string(),
        requests: z.int(),
        p50Tokens: z.number(),
        p99Tokens: z.number(),
        maxTokens: z.number(),
        smallRequests: z.int(),
        shareSmall: z.number(),
      }),
    )
    .optional(),
});
export type RightSizing = z.infer<typeof rightSizing>;
