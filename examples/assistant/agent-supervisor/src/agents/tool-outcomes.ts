import { count, counted, decimal, percent } from '../wording/figures.ts';
import type { ToolAnswer } from '../tools/tool-results.ts';

/** What a tool found, in one sentence for the user who watches. */
export function outcomeOf(answer: ToolAnswer): string {
  switch (answer.tool) {
    case 'describe_data':
      return `${counted(valueOf(answer, 'describe_data').totals.requests, 'request')} described.`;
    case 'cost_breakdown': {
      const { totals, mix } = valueOf(answer, 'cost_breakdown');
      return `${count(totals.inputTokens)} input and ${counted(totals.outputTokens, 'output token')}: ${percent(mix.inputShareOfTokens)} are input.`;
    }
    case 'trend_and_peaks': {
      const { peakToMean } = valueOf(answer, 'trend_and_peaks');
      const of = (what: string, times: number): string =>
        decimal(times) === '1' ? `no more than the mean ${what}` : `${decimal(times)} times the mean ${what}`;
      return `The highest peak has ${of('tokens', peakToMean.tokens)} and ${of('requests', peakToMean.requests)}.`;
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
