import { z } from 'zod';
import { findRightSizing } from '../analysis/right-sizing.ts';
import { prices } from '../results/figures.ts';
import { rightSizing } from '../results/opportunities.ts';
import { accept } from '../table/refusal.ts';
import { defineTool } from './tool.ts';

const USUAL_CONTEXTS = [4096, 8192, 16384, 32768, 65536, 131072, 262144, 1048576];
const MOST_CONTEXTS = 20;

export const rightSizingTool = defineTool({
  name: 'right_sizing_opportunities',
  title: 'What fits a smaller model or context',
  description:
    'Distribution of request sizes against model context sizes, the share of small requests, requests that carry much context for a ' +
    'short answer, and sizes per model where the file names models.',
  options: {
    smallTokens: z
      .int()
      .min(1)
      .default(1024)
      .describe('Input and output tokens together, up to which a request is small'),
    contextTokens: z
      .array(z.int().min(1))
      .min(1)
      .max(MOST_CONTEXTS)
      .default(USUAL_CONTEXTS)
      .transform((sizes) => [...new Set(sizes)].sort((a, b) => a - b))
      .describe('Context sizes to compare with'),
    prices: prices.optional(),
  },
  output: rightSizing,
  compute: (table, options) => accept(findRightSizing(table, options, options.prices)),
});
