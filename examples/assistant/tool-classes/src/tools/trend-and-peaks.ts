import { z } from 'zod';
import { trendOf } from '../analysis/trend-and-peaks.ts';
import { trendAndPeaks } from '../results/trend-and-peaks.ts';
import { defineTool } from './tool.ts';

export const trendAndPeaksTool = defineTool({
  name: 'trend_and_peaks',
  title: 'Trend and peaks',
  description:
    'Requests and tokens per time bucket, rate per minute, the highest peaks with their times, slope, and peak to mean.',
  options: {
    bucketMs: z
      .int()
      .min(1)
      .optional()
      .describe('Width of a bucket; chosen to suit the time span when absent or too narrow'),
  },
  output: trendAndPeaks,
  compute: (table, options) => trendOf(table, options.bucketMs),
});
