import type { Finding } from '../../../runs/run-result.ts';
import type { ToolAnswers } from '../../../tools/tool-results.ts';
import { fromAnomalies } from './from-anomalies.ts';
import { fromBreakdown } from './from-breakdown.ts';
import { fromComparison } from './from-comparison.ts';
import { fromDescription } from './from-description.ts';
import { fromTrend } from './from-trend.ts';

/** What stands out, tool by tool. */
export function insightsFrom(answers: ToolAnswers): Finding[] {
  return [
    ...(answers.describe_data === undefined ? [] : fromDescription(answers.describe_data)),
    ...(answers.compare_tables === undefined ? [] : fromComparison(answers.compare_tables)),
    ...(answers.cost_breakdown === undefined ? [] : fromBreakdown(answers.cost_breakdown)),
    ...(answers.trend_and_peaks === undefined ? [] : fromTrend(answers.trend_and_peaks)),
    ...(answers.anomalies === undefined ? [] : fromAnomalies(answers.anomalies)),
  ];
}
