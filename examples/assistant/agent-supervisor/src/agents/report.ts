import { chartsFrom } from '../charts/charts-from.ts';
import type { RunResult } from '../runs/run-result.ts';
import type { ToolAnswers } from '../tools/tool-results.ts';
import type { AgentContext } from './agent-context.ts';
import type { DataWork } from './data.ts';
import { engineWork } from './engine-work.ts';

export interface Answer {
  text: string;
  result: RunResult;
}

/** Writes the answer from what the tools said. */
export async function reportOn(context: AgentContext, work: DataWork, answers: ToolAnswers): Promise<Answer> {
  const { engine, request } = context;
  const { plan, stored } = work;
  context.say({ type: 'agent_started', agent: 'report', text: 'Writing the report from the results.' });
  const report = await engine.write(
    {
      question: request.message.text,
      tableName: stored.name,
      prices: context.prices,
      plan,
      answers,
    },
    engineWork(context, 'report'),
  );
  const { cost, ...counts } = totalsOf(answers);
  const charts = chartsFrom(answers);
  return {
    text: report.text,
    result: {
      analysis_results: {
        totals: { ...counts, ...(cost === undefined ? {} : { cost }) },
        table: { name: stored.name, hash: stored.hash, bytes: stored.bytes },
        topics: plan.topics,
        missing: report.missing,
        tools: Object.fromEntries(Object.values(answers).map(({ tool, whole }) => [tool, whole])),
        calls: context.calls,
      },
      insights: report.insights,
      recommendations: report.recommendations,
      action_items: report.actionItems,
      optimization_opportunities: report.opportunities,
      ...(charts.length === 0 ? {} : { charts }),
      ...madeBy(context, engine.languageModel),
      ...(report.modelCalls === undefined ? {} : { model_calls: report.modelCalls }),
    },
  };
}

/** The answer to a question that there is no table for: what is needed, and nothing computed. */
export function askForTable(context: AgentContext): Answer {
  const call = context.calls.at(-1);
  context.say({ type: 'agent_started', agent: 'report', text: 'There is nothing to compute with yet.' });
  return {
    text:
      'I need a table of your AI usage to answer this: this conversation has none yet, so nothing was computed.\n\n' +
      'Send a CSV or JSON file with one row per request: a column of **input tokens** and one of **output tokens** (also called context, ' +
      'prompt, generated or completion tokens), and where you have them the time, the model, the cost, and tags such as user or feature.\n\n' +
      'Money is computed only with a cost column, or with your prices (`inputPerMillion`, `outputPerMillion`) in the message.',
    result: {
      analysis_results: {
        topics: [],
        missing: [{ what: 'a table of AI usage', why: 'every figure is computed from your table, and none was sent' }],
        tools: {},
        calls: context.calls,
      },
      insights: [],
      recommendations: [],
      action_items: [
        {
          id: 'send-table',
          title: 'Send a table of AI usage',
          text: 'Send a CSV or JSON file with one row per request, with its input and output tokens.',
          numbers: {},
          rows: [],
          rowsTotal: 0,
          source: { tool: call?.tool ?? 'find_table', call: call?.call ?? '' },
        },
      ],
      optimization_opportunities: [],
      // Nobody had to be asked to say this.
      ...madeBy(context, null),
    },
  };
}

function totalsOf({ describe_data }: ToolAnswers): NonNullable<RunResult['analysis_results']['totals']> {
  if (describe_data === undefined) throw new Error('a report is written about a table that was described');
  return describe_data.value.totals;
}

function madeBy(
  { engine, traceId }: AgentContext,
  languageModel: string | null,
): Pick<RunResult, 'engine' | 'language_model' | 'trace_id'> {
  return { engine: engine.name, language_model: languageModel, trace_id: traceId };
}
