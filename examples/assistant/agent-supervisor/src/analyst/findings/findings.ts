import type { AnalysisPlan, Report } from '../../engine/engine.ts';
import type { ActionItem, Missing } from '../../runs/run-result.ts';
import type { ToolAnswers } from '../../tools/tool-results.ts';
import { insightsFrom } from './insights/insights.ts';
import { actionItemsFrom, opportunitiesFrom, recommendationsFrom } from './opportunities.ts';

export type Findings = Pick<Report, 'insights' | 'opportunities' | 'recommendations' | 'actionItems' | 'missing'>;

/** What the results of the tools say by fixed rules, whichever engine writes the text about them. */
export function findingsFrom(plan: AnalysisPlan, answers: ToolAnswers): Findings {
  const insights = insightsFrom(answers);
  const opportunities = opportunitiesFrom(answers);
  const recommendations = recommendationsFrom(opportunities);
  const lacking = missingFrom(plan, answers);
  const actionItems = actionItemsFrom(recommendations, lacking);
  return { insights, opportunities, recommendations, actionItems, missing: lacking.map(({ entry }) => entry) };
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
