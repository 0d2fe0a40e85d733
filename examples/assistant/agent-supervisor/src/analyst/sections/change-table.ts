import type { ToolResult } from '../../tools/tool-results.ts';
import { figure } from '../../wording/figures.ts';
import { table } from '../../wording/markdown.ts';

/** A comparison as a Markdown table. */
export function changeTable(comparison: ToolResult<'compare_tables'> | undefined): string[] {
  if (comparison === undefined) return [];
  const rows = comparison.changes.map(({ what, before, now, difference, ratio }) => [
    what,
    figure(before),
    figure(now),
    `${difference > 0 ? '+' : ''}${figure(difference)}`,
    ratio === undefined ? '' : figure(ratio),
  ]);
  return [table(['', 'Before', 'Now', 'Difference', 'Ratio'], rows)];
}
