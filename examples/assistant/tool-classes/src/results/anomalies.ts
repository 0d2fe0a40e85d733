import { z } from 'zod';
import { because, missing, ROWS_SAMPLE } from './figures.ts';

export const ANOMALIES_SHOWN = 20;

const spread = z.object({
  measure: z.string(),
  median: z.number(),
  scale: z.number(),
  scaleOf: z.enum(['median absolute deviation', 'mean absolute deviation', 'none']),
  found: z.int(),
});

export const anomalies = z.object({
  threshold: z.number(),
  measures: z
    .array(spread)
    .describe('What was looked at, with its centre and spread; found counts all, the lists are bounded'),
  requests: z
    .array(
      z.object({ measure: z.string(), row: z.int(), value: z.number(), score: z.number(), at: z.string().optional() }),
    )
    .max(ANOMALIES_SHOWN * 2),
  periods: z
    .array(
      z.object({
        measure: z.string(),
        from: z.string(),
        bucketMs: z.number(),
        value: z.number(),
        expected: z.number().describe('What is usual: by trend and season, or the median'),
        score: z.number(),
        rows: z.array(z.int()).max(ROWS_SAMPLE),
        rowsTotal: z.int(),
      }),
    )
    .max(ANOMALIES_SHOWN * 2),
  season: z
    .object({ name: z.string(), cyclePeriods: z.int() })
    .optional()
    .describe('Taken out of the periods before they were scored; absent where the time span is too short for one'),
  method: z.string(),
  because,
  missing,
});
export type Anomalies = z.infer<typeof anomalies>;
