import { describeTable } from '../analysis/describe-data.ts';
import { describeData } from '../results/describe-data.ts';
import { prices } from '../results/figures.ts';
import { accept } from '../table/refusal.ts';
import { defineTool } from './tool.ts';

export const describeDataTool = defineTool({
  name: 'describe_data',
  title: 'Describe the data',
  description:
    'Recognises the columns of a table of AI usage and returns what it holds: rows used and rejected (with reasons), time span, ' +
    'totals, quantiles of input and output tokens, and what is missing for deeper questions.',
  options: { prices: prices.optional() },
  output: describeData,
  compute: (table, options) => accept(describeTable(table, options.prices)),
});
