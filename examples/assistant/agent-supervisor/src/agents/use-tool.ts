import { withSpan } from '@reveille/telemetry';
import type { AgentName } from '../runs/run-event.ts';
import { TAKES_PRICES, TOOL_WORK, type ToolName } from '../tools/tool-names.ts';
import type { JsonObject, ToolAnswer } from '../tools/tool-results.ts';
import type { AgentContext } from './agent-context.ts';

interface Step<T> {
  agent: AgentName;
  tool: string;
  /** Shown to the user: without the table itself. */
  arguments: JsonObject;
  /** What is being done, in words. */
  text: string;
  work(call: string): Promise<T>;
  /** What came out, in words. */
  outcome(result: T): string;
}

/** Does one step that the user sees: tells that it begins, does it, tells what came out. What fails says nothing here; the run tells it. */
export async function takeStep<T>(context: AgentContext, step: Step<T>): Promise<T> {
  context.signal.throwIfAborted();
  const { agent, tool, text } = step;
  const call = `call-${context.calls.length + 1}`;
  const record = { tool, call, arguments: step.arguments, durationMs: 0 };
  context.calls.push(record);
  context.say({ type: 'tool_executing', agent, tool, call, arguments: step.arguments, text });
  const startedAt = performance.now();
  const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': tool, 'gen_ai.agent.name': agent };
  const result = await withSpan(`execute_tool ${tool}`, { attributes }, () => step.work(call));
  record.durationMs = Math.round(performance.now() - startedAt);
  context.say({
    type: 'tool_completed',
    agent,
    tool,
    call,
    durationMs: record.durationMs,
    text: step.outcome(result),
  });
  return result;
}

/** A table as the user knows it, and as the tools of this session are told of it: its content, or the `ref` of one sent before. */
export interface NamedTable {
  name: string;
  argument: { content: string; name: string } | { ref: string };
}

/** Asks an analysis tool about a table. */
export function useTool<N extends ToolName>(
  context: AgentContext,
  of: { agent: AgentName; tool: N; table: NamedTable; outcome(answer: ToolAnswer<N>): string },
): Promise<ToolAnswer<N>> {
  const { agent, tool, table, outcome } = of;
  const { prices } = context.request.message;
  const options = prices !== undefined && TAKES_PRICES.has(tool) ? { prices } : {};
  return takeStep(context, {
    agent,
    tool,
    arguments: { table: table.name, ...options },
    text: `${TOOL_WORK[tool]}.`,
    work: async (call) => {
      const answer = await context.tools.call(tool, { ...options, table: table.argument }, context.signal);
      return { tool, call, ...answer };
    },
    outcome,
  });
}
