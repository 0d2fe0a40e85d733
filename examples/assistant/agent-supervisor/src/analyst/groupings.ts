import type { ToolResult } from '../tools/tool-results.ts';
import { quote } from '../wording/quote.ts';

type Breakdown = ToolResult<'cost_breakdown'>;

/** One way in which the breakdown groups the requests. */
export interface Grouping {
  id: string;
  /** Head of its column in a table. */
  head: string;
  /** What a group of it is. */
  noun: string;
  /** A group in a sentence that begins "Requests with …". */
  name(key: string): string;
  groups: Breakdown['bySize'];
}

/** By model and tags where the file has them, then by size. */
export function groupingsOf({ byModel, byTag, bySize }: Breakdown): Grouping[] {
  return [
    ...(byModel === undefined
      ? []
      : [
          {
            id: 'model',
            head: 'Model',
            noun: 'model',
            name: (key: string) => `the model ${quote(key)}`,
            groups: byModel,
          },
        ]),
    ...byTag.map(({ column, groups }, index) => ({
      id: `tag-${index + 1}`,
      head: quote(column),
      noun: `group by ${quote(column)}`,
      name: (key: string) => `${quote(key)} as ${quote(column)}`,
      groups,
    })),
    {
      id: 'size',
      head: 'Input tokens of the request',
      noun: 'size of requests',
      name: (key: string) => `${key} input tokens`,
      groups: bySize,
    },
  ].filter(({ groups }) => groups.length > 0);
}
