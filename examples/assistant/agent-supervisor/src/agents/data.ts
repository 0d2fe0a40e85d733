import { count, counted, moment } from '../wording/figures.ts';
import { quote } from '../wording/quote.ts';
import type { AnalysisPlan } from '../engine/engine.ts';
import type { Missing } from '../runs/run-result.ts';
import { pricesInText } from '../prices/prices-in-text.ts';
import { UNREAD_PRICES } from '../prices/stated-prices.ts';
import { RunFailure } from '../runs/run-failure.ts';
import type { TableSummary } from '../threads/thread-client.ts';
import type { ToolAnswer, ToolAnswers } from '../tools/tool-results.ts';
import { ToolRefused } from '../tools/tool-failure.ts';
import type { AgentContext } from './agent-context.ts';
import { compareWith } from './compare.ts';
import { engineWork } from './engine-work.ts';
import { outcomeOf } from './tool-outcomes.ts';
import type { ChosenTable } from './triage.ts';
import { takeStep, useTool, type NamedTable } from './use-tool.ts';

/** What the later agents build on. */
export interface DataWork {
  plan: AnalysisPlan;
  stored: TableSummary;
  table: NamedTable;
  answers: ToolAnswers;
}

/** Reads the table, keeps it in the conversation, plans the analysis and does the part of it that looks at the data. */
export async function workOnData(context: AgentContext, chosen: ChosenTable): Promise<DataWork> {
  const { request, engine } = context;
  context.say({ type: 'agent_started', agent: 'data', text: `Looking at ${quote(chosen.name)}.` });
  for (const other of chosen.others) await describe(context, other);
  const description = await describe(context, chosen);
  for (const other of chosen.others) await store(context, other);
  // Stored last, so that it is the latest: the one that a follow-up question means.
  const stored = chosen.stored ?? (await store(context, chosen));
  const { baseline } = chosen;
  const about = { question: request.message.text, description, comparedWith: baseline?.name };
  const planned = await engine.plan(about, engineWork(context, 'data'));
  const lacking = [
    ...(baseline === null ? [NO_BASELINE] : []),
    ...(context.prices?.earlier !== undefined || context.prices === undefined
      ? unreadPrices(request.message.text)
      : []),
  ];
  const plan = { ...planned, missing: [...planned.missing, ...lacking] };
  context.say({ type: 'agent_thinking', agent: 'data', text: plan.reasoning });
  const table = { name: chosen.name, content: chosen.content, ref: description.value.table.ref };
  const answers = await useTools(context, 'data', plan, table);
  const compared = baseline === null || baseline === undefined ? {} : await compareWith(context, table, baseline);
  return { plan, stored, table, answers: { describe_data: description, ...answers, ...compared } };
}

function unreadPrices(text: string): Missing[] {
  return pricesInText(text) === 'unclear' ? [UNREAD_PRICES] : [];
}

const NO_BASELINE: Missing = {
  what: 'another table in this conversation',
  why: 'the question asks for a comparison, and there is only this one',
};

/** Asks the tools of a plan that are this agent's, one after the other. */
export async function useTools(
  context: AgentContext,
  agent: 'data' | 'optimization',
  plan: AnalysisPlan,
  table: NamedTable,
): Promise<ToolAnswers> {
  const answers: ToolAnswers = {};
  for (const tool of plan[agent]) {
    const options = plan.options?.[tool] ?? {};
    const answer = await useTool(context, { agent, tool, table, options, outcome: outcomeOf });
    Object.assign(answers, { [tool]: answer });
  }
  return answers;
}

/** Reads a table; one that cannot be used ends the run, in words that name the file. */
async function describe(
  context: AgentContext,
  { name, content }: { name: string; content: string },
): Promise<ToolAnswer<'describe_data'>> {
  const reading = useTool(context, {
    agent: 'data',
    tool: 'describe_data',
    table: { name, content },
    outcome: ({ value }) =>
      `${quote(name)}: ${counted(value.totals.requests, 'request')}` +
      (value.timeSpan === undefined ? '' : `, ${moment(value.timeSpan.from)} to ${moment(value.timeSpan.to)}`) +
      `, ${count(value.totals.inputTokens)} input and ${counted(value.totals.outputTokens, 'output token')}.`,
  });
  return reading.catch((error: unknown) => {
    if (!(error instanceof ToolRefused)) throw error;
    const { message, ...words } = error.words;
    throw new RunFailure({ ...words, message: `The file "${name}" cannot be used. ${message}` }, { cause: error });
  });
}

function store(
  context: AgentContext,
  { name, type, content }: { name: string; type: string; content: string },
): Promise<TableSummary> {
  return takeStep(context, {
    agent: 'data',
    tool: 'store_table',
    arguments: { name, type },
    text: `Keeping ${quote(name)} in this conversation.`,
    work: () => context.threads.storeTable({ name, type, content }),
    outcome: ({ bytes }) => `Kept (${count(bytes)} bytes): you can ask about it again without sending it again.`,
  });
}
