/** The analysis tools that the agents use, by their names on the MCP server. */
export const TOOL_NAMES = [
  'describe_data',
  'cost_breakdown',
  'trend_and_peaks',
  'anomalies',
  'caching_opportunities',
  'batching_opportunities',
  'right_sizing_opportunities',
] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

/** Compares the table asked about with another one. The agents use it by themselves when a question asks for that; no plan names it. */
export const COMPARISON = 'compare_tables';
export type AnyToolName = ToolName | typeof COMPARISON;

/** What is being done while a tool runs, in words for users. */
export const TOOL_WORK: Record<ToolName, string> = {
  describe_data: 'Reading the table: columns, rows, time span and totals',
  cost_breakdown: 'Summing tokens by model, tag, size and time',
  trend_and_peaks: 'Looking at the load over time and its peaks',
  anomalies: 'Looking for requests and periods that differ from the usual',
  caching_opportunities: 'Estimating what caching could save at most',
  batching_opportunities: 'Estimating what batching and queueing could change',
  right_sizing_opportunities: 'Comparing request sizes with context sizes and small models',
};

/** A tool as its server describes it. */
export interface ToolDescription {
  name: ToolName;
  description: string;
  /** JSON schema of its arguments. */
  inputSchema: Record<string, unknown>;
}

/** Tools of the optimization agent; the others are the data agent's. */
export const FINDS_SAVINGS: ReadonlySet<ToolName> = new Set<ToolName>([
  'caching_opportunities',
  'batching_opportunities',
  'right_sizing_opportunities',
]);
/** Tools that cannot say anything about a table without times. */
export const NEEDS_TIME: ReadonlySet<ToolName> = new Set<ToolName>(['trend_and_peaks', 'batching_opportunities']);
/** Tools that take `prices`. */
export const TAKES_PRICES: ReadonlySet<ToolName> = new Set<ToolName>([
  'describe_data',
  'cost_breakdown',
  'caching_opportunities',
  'right_sizing_opportunities',
]);
