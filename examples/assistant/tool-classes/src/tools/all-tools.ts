import { anomaliesTool } from './anomalies.ts';
import { batchingTool } from './batching-opportunities.ts';
import { cachingTool } from './caching-opportunities.ts';
import { compareTablesTool } from './compare-tables.ts';
import { costBreakdownTool } from './cost-breakdown.ts';
import { describeDataTool } from './describe-data.ts';
import { rightSizingTool } from './right-sizing-opportunities.ts';
import type { Tool } from './tool.ts';
import { trendAndPeaksTool } from './trend-and-peaks.ts';

export const ALL_TOOLS: readonly Tool[] = [
  describeDataTool,
  costBreakdownTool,
  trendAndPeaksTool,
  anomaliesTool,
  cachingTool,
  batchingTool,
  rightSizingTool,
  compareTablesTool,
];
