import { findAnomalies } from '../analysis/anomalies.ts';
import { anomalies } from '../results/anomalies.ts';
import { accept } from '../table/refusal.ts';
import { defineTool } from './tool.ts';

export const anomaliesTool = defineTool({
  name: 'anomalies',
  title: 'Unusual requests and periods',
  description:
    'Requests and periods far from the usual by robust z-scores (median and median absolute deviation), with their rows.',
  options: {},
  output: anomalies,
  compute: (table) => accept(findAnomalies(table)),
});
