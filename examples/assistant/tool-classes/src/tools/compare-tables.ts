import { compareTables } from '../analysis/compare-tables.ts';
import { prices } from '../results/figures.ts';
import { compareTables as result } from '../results/compare-tables.ts';
import { defineComparison } from './tool.ts';

export const compareTablesTool = defineComparison({
  name: 'compare_tables',
  title: 'Compare two tables',
  description:
    'What changed from the table `baseline` to the table `table`: sums, rates, sizes of requests and models, with the probability that a request ' +
    'is larger now.',
  options: { prices: prices.optional() },
  output: result,
  compute: (table, baseline, options) => compareTables(table, baseline, options.prices),
});
