import { describe, expect, it } from 'vitest';
import type { AgentContext } from '../../src/agents/agent-context.ts';
import { tellProgress } from '../../src/agents/tell-progress.ts';
import type { AgentEvent } from '../../src/runs/run-event.ts';

describe('the progress of a call', () => {
  const begun = { agent: 'data', tool: 't', call: 'call-1', arguments: {}, text: 'Reading.' } as const;

  it('is said as the same call, seldom, and never after its end or when the run is cancelled', () => {
    const said: AgentEvent[] = [];
    const abort = new AbortController();
    const context = { say: (event: AgentEvent) => said.push(event), signal: abort.signal } as unknown as AgentContext;
    const { tell, end } = tellProgress(context, begun);
    tell({});
    tell({ percent: 40, detail: 'lines' });
    tell({ percent: 41, detail: 'lines' });
    expect(said).toEqual([
      { type: 'tool_executing', ...begun, text: 'Reading (lines, 40 %).', percent: 40, detail: 'lines' },
    ]);
    end();
    tell({ percent: 99 });
    abort.abort();
    tellProgress(context, begun).tell({ percent: 1 });
    expect(said).toHaveLength(1);
  });
});
