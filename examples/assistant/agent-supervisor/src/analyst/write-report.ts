import type { AnalysisPlan, Report } from '../engine/engine.ts';
import type { ActionItem, Missing } from '../runs/run-result.ts';
import type { ToolAnswers } from '../tools/tool-results.ts';
import { insightsFrom } from './findings/insights/insights.ts';
import { actionItemsFrom, opportunitiesFrom, recommendationsFrom } from './findings/opportunities.ts';
import { reportText } from './sections/report-text.ts';

/** Writes the report from what the tools said, and from nothing else. */
export function writeReport(of: {
  tableName: string;
  pricesGiven: boolean;
  plan: AnalysisPlan;
  answers: ToolAnswers;
}): Report {
  const { answers, plan } = of;
  const insights = insightsFrom(answers);
  const opportunities = opportunitiesFrom(answers);
  const recommendations = recommendationsFrom(opportunities);
  const lacking = missingFrom(plan, answers);
  const actionItems = actionItemsFrom(recommendations, lacking);
  const missing = lacking.map(({ entry }) => entry);
  const parts = { insights, opportunities, recommendations, actionItems, missing };
  return { ...parts, text: reportText({ tableName: of.tableName, pricesGiven: of.pricesGiven, answers, ...parts }) };
}

/** What the plan and the tools lack, each thing once: several tools miss the same column for reasons of their own. */
function missingFrom(plan: AnalysisPlan, answers: ToolAnswers): { entry: Missing; source: ActionItem['source'] }[] {
  const described = { tool: 'describe_data', call: answers.describe_data?.call ?? '' };
  const all = [
    ...plan.missing.map((entry) => ({ entry, source: described })),
    ...Object.values(answers).flatMap(({ tool, call, value }) =>
      value.missing.map((entry) => ({ entry, source: { tool, call } })),
    ),
  ];
  return [...new Map(all.toReversed().map((lack) => [lack.entry.what, lack])).values()].toReversed();
}
