import type { ActionItem, Missing, Opportunity, Recommendation } from '../../runs/run-result.ts';
import type { ToolAnswers } from '../../tools/tool-results.ts';
import { wordsOf } from './opportunity-words.ts';

const OPPORTUNITY_TOOLS = ['caching_opportunities', 'batching_opportunities', 'right_sizing_opportunities'] as const;

/** What the tools found that could be done, in words. */
export function opportunitiesFrom(answers: ToolAnswers): Opportunity[] {
  return OPPORTUNITY_TOOLS.flatMap((tool) => {
    const answer = answers[tool];
    if (answer === undefined) return [];
    const { opportunities, money } = answer.value;
    return opportunities.map(({ id, title, numbers, rows, rowsTotal, method, because, certainty }) => ({
      id,
      title,
      text: wordsOf(id)?.found(numbers, money) ?? `${title}: ${method}.`,
      numbers,
      rows,
      rowsTotal,
      certainty,
      method: `${method}. Chosen because ${because}`,
      source: { tool, call: answer.call },
    }));
  });
}

/** Those whose figures speak for doing something, in the order of the tools. */
export function recommendationsFrom(opportunities: readonly Opportunity[]): Recommendation[] {
  return opportunities.flatMap(({ method: _method, ...opportunity }) => {
    const words = wordsOf(opportunity.id);
    if (words === undefined || !words.worthwhile(opportunity.numbers)) return [];
    return [{ ...opportunity, text: `${words.advice(opportunity.numbers)} ${opportunity.text}` }];
  });
}

/** The first step of each recommendation, then what would make the next answer better. */
export function actionItemsFrom(
  recommendations: readonly Recommendation[],
  missing: readonly { entry: Missing; source: ActionItem['source'] }[],
): ActionItem[] {
  const steps = recommendations.map(({ certainty: _certainty, ...recommendation }): ActionItem => ({
    ...recommendation,
    id: `do-${recommendation.id}`,
    text: wordsOf(recommendation.id)?.step(recommendation.numbers) ?? recommendation.title,
    recommendation: recommendation.id,
  }));
  const additions = missing.map(({ entry, source }, index): ActionItem => ({
    id: `add-${index + 1}`,
    title: `Add ${entry.what}`,
    text: `Add ${entry.what}: ${entry.why}.`,
    numbers: {},
    rows: [],
    rowsTotal: 0,
    source,
  }));
  return [...steps, ...additions];
}
