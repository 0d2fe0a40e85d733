import { count, decimal, percent } from '../wording/figures.ts';
import type { ToolAnswer } from '../tools/tool-results.ts';

/** What a tool found, in one sentence for the user who watches. */
export function outcomeOf(answer: ToolAnswer): string {
  switch (answer.tool) {
    case 'describe_data':
      return `${count(valueOf(answer, 'describe_data').totals.requests)} requests described.`;
    case 'cost_breakdown': {
      const { totals, mix } = valueOf(answer, 'cost_breakdown');
      return `${count(totals.inputTokens)} input and ${count(totals.outputTokens)} output tokens: ${percent(mix.inputShareOfTokens)} are input.`;
    }
    case 'trend_and_peaks': {
      const { peakToMean } = valueOf(answer, 'trend_and_peaks');
      return `The highest peak has ${decimal(peakToMean.tokens)} times the mean tokens and ${decimal(peakToMean.requests)} times the mean requests.`;
    }
    case 'anomalies': {
      const found = valueOf(answer, 'anomalies').measures.map(
        ({ measure, found: times }) => `${count(times)} by ${measure}`,
      );
      return `Unusual: ${found.join(', ')}.`;
    }
    case 'caching_opportunities':
    case 'batching_opportunities':
    case 'right_sizing_opportunities': {
      const { opportunities } = valueOf(answer, answer.tool);
      return opportunities.length === 0
        ? 'Nothing found.'
        : `${count(opportunities.length)} found: ${opportunities.map(({ title }) => title.toLowerCase()).join('; ')}.`;
    }
  }
}

function valueOf<N extends ToolAnswer['tool']>(answer: ToolAnswer, _tool: N): ToolAnswer<N>['value'] {
  return answer.value as ToolAnswer<N>['value'];
}
