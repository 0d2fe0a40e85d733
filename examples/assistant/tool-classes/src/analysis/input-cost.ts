import type { Costs } from './money-of.ts';
import { tidy } from './sum.ts';

/** What so many input tokens cost at most, at the highest price given; nothing without a price for input alone. */
export function inputCostAtMost(costs: Costs | undefined, inputTokens: number): Record<string, number> {
  return costs?.input === undefined ? {} : { inputCostAtMost: tidy(inputTokens * costs.input.highestPerToken) };
}
