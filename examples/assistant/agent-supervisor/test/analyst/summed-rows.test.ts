import { describe, expect, it } from 'vitest';
import { planTools } from '../../src/analyst/plan-tools.ts';
import { offeredTools } from '../../src/model/offered-tools.ts';
import { TOOL_NAMES } from '../../src/tools/tool-names.ts';
import type { ToolResult } from '../../src/tools/tool-results.ts';

const described = (summedBy?: string, ...roles: string[]) =>
  ({
    columns: roles.map((role) => ({ name: role, role })),
    rows: { read: 1, used: 1, rejected: 0, incompleteCells: 0, ...(summedBy === undefined ? {} : { summedBy }) },
    timeSpan: {},
  }) as unknown as ToolResult<'describe_data'>;
const offered = (description: ToolResult<'describe_data'>): string[] => {
  const tools = TOOL_NAMES.map((name) => ({ name, description: '', inputSchema: { type: 'object' } }));
  return Object.keys(offeredTools(tools, description));
};

describe('tools about single requests', () => {
  const single = ['caching_opportunities', 'batching_opportunities', 'right_sizing_opportunities'];

  it('are left out where rows sum up several, with that as the reason, and offered to no model', () => {
    const plan = planTools('What could be saved?', described('num_model_requests'));
    expect(plan.optimization).toEqual([]);
    expect(plan.missing.map(({ why }) => why).join()).toMatch(/`num_model_requests`.*several requests/);
    expect(offered(described('num_model_requests'))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/opportunities/)]),
    );
  });

  it('are used where each row is a request; the cache can be looked at in sums, too', () => {
    expect(planTools('What could be saved?', described()).optimization).toEqual(single);
    const sums = described('calls', 'cachedInput');
    expect(planTools('What could be saved?', sums).optimization).toEqual(['caching_opportunities']);
    expect(offered(sums)).toContain('caching_opportunities');
  });
});
