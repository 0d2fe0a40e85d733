import { describe, expect, it } from 'vitest';
import { breakDownCost } from '../../src/analysis/cost-breakdown.ts';
import { tableOf } from '../support/read-table.ts';

describe('the breakdown', () => {
  it('orders models and tags by weight and sums what is beyond the bound, so that shares add to 1', () => {
    const rows = Array.from(
      { length: 60 },
      (_, index) => `${(index % 30) + 1},0,model-${index % 30},team-${index % 2}`,
    );
    const result = breakDownCost(tableOf(`input_tokens,output_tokens,model,team\n${rows.join('\n')}`));
    expect(result.byModel).toHaveLength(21);
    expect(result.byModel?.[0]).toMatchObject({ key: 'model-29', inputTokens: 60 });
    expect(result.byModel?.at(-1)?.key).toBe('(others)');
    expect(result.byModel?.reduce((sum, { shareOfTokens }) => sum + shareOfTokens, 0)).toBeCloseTo(1, 6);
    expect(result.byTag[0]).toMatchObject({ column: 'team', groups: [{ key: 'team-1' }, { key: 'team-0' }] });
  });

  it('names the largest requests by their rows in the file', () => {
    const rows = Array.from({ length: 100 }, (_, index) => `${index === 41 ? 901 : 1},0`);
    const [largest] = breakDownCost(tableOf(`input_tokens,output_tokens\n${rows.join('\n')}`)).topRequests;
    expect(largest).toEqual({ share: 0.01, by: 'tokens', requests: 1, shareOfTokens: 0.901, rows: [43] });
  });
});
