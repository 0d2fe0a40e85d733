import { z } from 'zod';
import { breakDownCost } from '../analysis/cost-breakdown.ts';
import { costBreakdown } from '../results/cost-breakdown.ts';
import { prices, ROWS_SAMPLE } from '../results/figures.ts';
import { accept } from '../table/refusal.ts';
import { defineTool } from './tool.ts';

export const costBreakdownTool = defineTool({
  name: 'cost_breakdown',
  title: 'Where tokens and money go',
  description:
    'Sums tokens, and money when the file has a cost column or prices are given, by model, by tag, by size of the request and by time; ' +
    'tells the share of the largest requests and the mix of input and output.',
  options: {
    prices: prices.optional(),
    topRows: z
      .int()
      .min(1)
      .max(ROWS_SAMPLE)
      .optional()
      .describe('Lists so many rows that cost most, or have the most tokens where no cost is known'),
  },
  output: costBreakdown,
  compute: (table, options) => accept(breakDownCost(table, options.prices, options.topRows)),
});
