import type { EngineWork } from '../engine/engine.ts';
import type { AgentName } from '../runs/run-event.ts';
import type { AgentContext } from './agent-context.ts';

/** What the engine has while it works for one of the agents: its words are that agent's. */
export function engineWork(context: AgentContext, agent: AgentName): EngineWork {
  const { signal, tools } = context;
  return {
    signal,
    think: (text) => context.say({ type: 'agent_thinking', agent, text }),
    describeTools: () => tools.describe(signal),
  };
}
