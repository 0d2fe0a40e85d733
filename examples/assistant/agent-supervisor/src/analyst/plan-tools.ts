import type { AnalysisPlan } from '../engine/engine.ts';
import { NEEDS_TIME, type ToolName } from '../tools/tool-names.ts';
import type { ToolResult } from '../tools/tool-results.ts';
import { joined } from '../wording/markdown.ts';
import { topicsOf, WHOLE_PICTURE } from './topics.ts';

/** Chooses the tools for a question, and leaves out those that this table gives nothing to work on. */
export function planTools(question: string, description: ToolResult<'describe_data'>): AnalysisPlan {
  const topics = topicsOf(question);
  const timeless = description.timeSpan === undefined;
  const possible = (tool: ToolName): boolean => !(timeless && NEEDS_TIME.has(tool));
  const data = unique(topics.flatMap((topic) => topic.data));
  const optimization = unique(topics.flatMap((topic) => topic.optimization));
  const left = [...data, ...optimization].filter((tool) => !possible(tool));
  const chosen = { data: data.filter(possible), optimization: optimization.filter(possible) };
  const words = topics.map((topic) => topic.words);
  const names = [...chosen.data, ...chosen.optimization].map((tool) => `\`${tool}\``);
  const about =
    topics[0] === WHOLE_PICTURE
      ? 'The question asks for the whole picture, or names no single topic'
      : `The question is about ${joined(words)}`;
  return {
    topics: topics.map(({ id }) => id),
    reasoning: `${about}. ${names.length === 0 ? 'The description of the table is all that can be computed.' : `I will use ${joined(names)}.`}`,
    ...chosen,
    missing:
      left.length === 0
        ? []
        : [
            {
              what: 'a time column',
              why: `without it ${joined(left.map((tool) => `\`${tool}\``))} cannot be computed`,
            },
          ],
  };
}

function unique(tools: readonly ToolName[]): ToolName[] {
  return [...new Set(tools)];
}
