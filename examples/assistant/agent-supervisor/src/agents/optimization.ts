import { joined } from '../wording/markdown.ts';
import type { ToolAnswers } from '../tools/tool-results.ts';
import type { AgentContext } from './agent-context.ts';
import { useTools, type DataWork } from './data.ts';

/** Looks for what could be saved, by the tools that the plan names. */
export async function lookForSavings(context: AgentContext, { plan, table }: DataWork): Promise<ToolAnswers> {
  if (plan.optimization.length === 0) return {};
  context.say({ type: 'agent_started', agent: 'optimization', text: 'Looking for what could be saved.' });
  const names = joined(plan.optimization.map((tool) => `\`${tool}\``));
  context.say({
    type: 'agent_thinking',
    agent: 'optimization',
    text: `${names} will say what these columns can tell, and how sure it is.`,
  });
  return useTools(context, 'optimization', plan, table);
}
