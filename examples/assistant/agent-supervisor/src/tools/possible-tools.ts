import { NEEDS_TIME, type ToolName } from './tool-names.ts';
import type { ToolResult } from './tool-results.ts';

/** What a table lacks for a tool, so that it would say nothing about it; undefined where it has all. */
export function lackFor(
  tool: ToolName,
  { timeSpan, rows, columns }: ToolResult<'describe_data'>,
): 'times' | 'single requests' | undefined {
  if (timeSpan === undefined && NEEDS_TIME.has(tool)) return 'times';
  if (rows.summedBy === undefined) return undefined;
  switch (tool) {
    case 'batching_opportunities':
    case 'right_sizing_opportunities':
      return 'single requests';
    case 'caching_opportunities':
      // How much comes from the cache can be summed; what repeats cannot.
      return columns.some(({ role }) => role === 'cachedInput') ? undefined : 'single requests';
    default:
      return undefined;
  }
}
