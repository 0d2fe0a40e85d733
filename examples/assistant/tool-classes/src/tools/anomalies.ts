import { findAnomalies } from '../analysis/anomalies.ts';
import { anomalies } from '../results/anomalies.ts';
import { accept } from '../table/refusal.ts';
import { defineTool } from './tool.ts';

export const anomaliesTool = defineTool({
  name: 'anomalies',
  title: 'Unusual requests and periods',
  description:
    'Requests and periods far from the usual, with their rows: requests by robust z-scores (median and median absolute deviation), periods by ' +
    'seasonal decomposition where the table covers at least three days, else by robust z-scores too.',
  options: {},
  output: anomalies,
  compute: (table, _options, tell) => accept(findAnomalies(table, tell)),
});
