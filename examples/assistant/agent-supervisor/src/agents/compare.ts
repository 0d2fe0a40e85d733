import { decimal } from '../wording/figures.ts';
import { quote } from '../wording/quote.ts';
import { COMPARISON } from '../tools/tool-names.ts';
import type { ToolAnswer, ToolAnswers } from '../tools/tool-results.ts';
import type { AgentContext } from './agent-context.ts';
import { takeStep, withTable, type NamedTable } from './use-tool.ts';

/** Compares the table asked about with another one of the user. */
export async function compareWith(
  context: AgentContext,
  table: NamedTable,
  baseline: { name: string; content: string },
): Promise<ToolAnswers> {
  const { name, content } = baseline;
  const options = context.prices === undefined ? {} : { prices: context.prices.prices };
  const answer = await takeStep(context, {
    agent: 'data',
    tool: COMPARISON,
    arguments: { table: table.name, baseline: name, ...options },
    text: `Comparing ${quote(table.name)} with ${quote(name)}.`,
    work: async (call, onProgress): Promise<ToolAnswer<typeof COMPARISON>> => {
      const given = await withTable(table, (argument) =>
        context.tools.call(
          COMPARISON,
          { ...options, table: argument, baseline: { content, name } },
          context.signal,
          onProgress,
        ),
      );
      return { tool: COMPARISON, call, ...given };
    },
    outcome: ({ value }) =>
      `${value.changes
        .filter(({ what, ratio }) => ratio !== undefined && SAID.has(what))
        .map(({ what, ratio }) =>
          decimal(ratio ?? 0) === '1' ? `about as many ${what}` : `${decimal(ratio ?? 0)} times the ${what}`,
        )
        .join(', ')}.`,
  });
  return { [COMPARISON]: answer };
}

/** What is said at once; the result has all. */
const SAID: ReadonlySet<string> = new Set(['requests', 'input tokens', 'output tokens']);
