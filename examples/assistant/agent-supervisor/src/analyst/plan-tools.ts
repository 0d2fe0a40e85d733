import type { AnalysisPlan } from '../engine/engine.ts';
import type { Missing } from '../runs/run-result.ts';
import { lackFor } from '../tools/possible-tools.ts';
import type { ToolName } from '../tools/tool-names.ts';
import type { ToolResult } from '../tools/tool-results.ts';
import { joined } from '../wording/markdown.ts';
import { quote } from '../wording/quote.ts';
import { namedTopics, rowsAskedFor, TOPICS, topicsOf, WHOLE_PICTURE } from './topics.ts';

/** Chooses the tools for a question, and leaves out those that this table gives nothing to work on. */
export function planTools(question: string, description: ToolResult<'describe_data'>): AnalysisPlan {
  const topics = topicsOf(question);
  const possible = (tool: ToolName): boolean => lackFor(tool, description) === undefined;
  const topRows = rowsAskedFor(question);
  const data = unique([
    ...(topRows === undefined ? [] : (['cost_breakdown'] as const)),
    ...topics.flatMap((topic) => topic.data),
  ]);
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
    ...(topRows === undefined ? {} : { options: { cost_breakdown: { topRows } } }),
    ...(isUnderstood(question, topRows) ? {} : { note: notUnderstood(question) }),
    missing: missingFor(left, description),
  };
}

function isUnderstood(question: string, topRows: number | undefined): boolean {
  return question.trim() === '' || topRows !== undefined || namedTopics(question).length > 0;
}

function notUnderstood(question: string): string {
  const topics = joined(TOPICS.map(({ words }) => words));
  return `I did not understand what ${quote(question)} asks about this table, so here is the whole picture. What I can answer is questions about ${topics}, and which rows cost most.`;
}

function missingFor(left: readonly ToolName[], description: ToolResult<'describe_data'>): Missing[] {
  const lacking = (lack: string): string =>
    joined(left.filter((tool) => lackFor(tool, description) === lack).map((tool) => `\`${tool}\``));
  const [timeless, sums] = [lacking('times'), lacking('single requests')];
  const column = quote(description.rows.summedBy ?? '');
  return [
    ...(timeless === '' ? [] : [{ what: 'a time column', why: `without it ${timeless} cannot be computed` }]),
    ...(sums === ''
      ? []
      : [
          {
            what: 'one row per request',
            why: `by the column ${column} rows sum up several requests, so ${sums} and what else needs single ones cannot be computed`,
          },
        ]),
  ];
}

function unique(tools: readonly ToolName[]): ToolName[] {
  return [...new Set(tools)];
}
