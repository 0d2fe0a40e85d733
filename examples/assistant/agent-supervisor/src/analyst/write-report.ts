import type { AnalysisPlan, Report } from '../engine/engine.ts';
import type { StatedPrices } from '../prices/stated-prices.ts';
import type { ToolAnswers } from '../tools/tool-results.ts';
import { findingsFrom } from './findings/findings.ts';
import { reportText } from './sections/report-text.ts';

/** Writes the report from what the tools said, and from nothing else. */
export function writeReport(of: {
  tableName: string;
  prices: StatedPrices | undefined;
  plan: AnalysisPlan;
  answers: ToolAnswers;
}): Report {
  const { answers, plan } = of;
  const findings = findingsFrom(plan, answers);
  return {
    ...findings,
    text: reportText({ tableName: of.tableName, prices: of.prices, answers, note: plan.note, ...findings }),
  };
}
