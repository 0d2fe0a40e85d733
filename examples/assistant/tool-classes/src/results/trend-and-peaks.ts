import { z } from 'zod';
import { because, missing, ROWS_SAMPLE } from './figures.ts';

export const MAX_BUCKETS = 240;

const bucket = z.object({ from: z.string(), requests: z.int(), inputTokens: z.number(), outputTokens: z.number() });

export const trendAndPeaks = z.object({
  timeSpan: z.object({ from: z.string(), to: z.string(), durationMs: z.number() }),
  bucketMs: z.number(),
  buckets: z.array(bucket).max(MAX_BUCKETS),
  perMinute: z
    .object({ requests: z.number(), inputTokens: z.number(), outputTokens: z.number() })
    .optional()
    .describe('Mean over the time span; absent when all requests have the same time'),
  peaks: z.array(
    z.object({
      of: z.enum(['requests', 'tokens']),
      from: z.string(),
      value: z.number(),
      timesMean: z.number(),
      rows: z.array(z.int()).max(ROWS_SAMPLE),
    }),
  ),
  peakToMean: z.object({ requests: z.number(), tokens: z.number() }),
  emptyBuckets: z.int(),
  slope: z
    .object({
      requestsPerBucketPerHour: z.number().optional(),
      tokensPerBucketPerHour: z.number().optional(),
      buckets: z.int(),
      standardErrors: z.number(),
    })
    .optional()
    .describe(
      'Change of the value per bucket with each hour; a change that does not exceed so many of its standard errors is left out',
    ),
  method: z.string(),
  because,
  missing,
});
export type TrendAndPeaks = z.infer<typeof trendAndPeaks>;
