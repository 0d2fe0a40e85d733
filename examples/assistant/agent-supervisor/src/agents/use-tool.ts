import { withSpan } from '@reveille/telemetry';
import type { AgentName } from '../runs/run-event.ts';
import { TAKES_PRICES, TOOL_WORK, type ToolName } from '../tools/tool-names.ts';
import type { JsonObject, ToolAnswer } from '../tools/tool-results.ts';
import { ToolRefused } from '../tools/tool-failure.ts';
import type { ToolProgress } from '../tools/tool-session.ts';
import type { AgentContext } from './agent-context.ts';
import { tellProgress } from './tell-progress.ts';

interface Step<T> {
  agent: AgentName;
  tool: string;
  /** Shown to the user: without the table itself. */
  arguments: JsonObject;
  /** What is being done, in words. */
  text: string;
  work(call: string, onProgress: (progress: ToolProgress) => void): Promise<T>;
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
  const telling = tellProgress(context, { agent, tool, call, arguments: step.arguments, text });
  const result = await withSpan(`execute_tool ${tool}`, { attributes }, () => step.work(call, telling.tell)).finally(
    telling.end,
  );
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

/** A table as the user knows it, and the `ref` by which the tools of this session know it once they have read it. */
export interface NamedTable {
  name: string;
  content: string;
  ref?: string;
}

/** Asks an analysis tool about a table. */
export function useTool<N extends ToolName>(
  context: AgentContext,
  of: {
    agent: AgentName;
    tool: N;
    table: NamedTable;
    /** Arguments beside the table and the prices. */
    options?: JsonObject;
    outcome(answer: ToolAnswer<N>): string;
  },
): Promise<ToolAnswer<N>> {
  const { agent, tool, table, outcome } = of;
  const prices = context.prices?.prices;
  const options = { ...of.options, ...(prices !== undefined && TAKES_PRICES.has(tool) ? { prices } : {}) };
  return takeStep(context, {
    agent,
    tool,
    arguments: { table: table.name, ...options },
    text: `${TOOL_WORK[tool]}.`,
    work: async (call, onProgress) => {
      const answer = await withTable(table, (argument) =>
        context.tools.call(tool, { ...options, table: argument }, context.signal, onProgress),
      );
      return { tool, call, ...answer };
    },
    outcome,
  });
}

/** Names the table by its `ref`; a server that had to forget it, because its memory has a bound, gets it again. */
export async function withTable<T>(
  { name, content, ref }: NamedTable,
  ask: (argument: JsonObject) => Promise<T>,
): Promise<T> {
  const whole = { content, name };
  if (ref === undefined) return ask(whole);
  return ask({ ref }).catch((error: unknown) => {
    if (error instanceof ToolRefused && error.words.code === 'unknown_table') return ask(whole);
    throw error;
  });
}
