import type { RunResult } from './run-result.ts';

/** The agents of a run, in the order of their work. */
export type AgentName = 'triage' | 'data' | 'optimization' | 'report';

/** What an agent says. `text` is Markdown. */
export type AgentEvent =
  | { type: 'agent_started'; agent: AgentName; text: string }
  | { type: 'agent_thinking'; agent: AgentName; text: string }
  | {
      type: 'tool_executing';
      agent: AgentName;
      tool: string;
      /** Names this call within the run; findings refer to it. */
      call: string;
      /** Without the table itself, which the user has. */
      arguments: Record<string, unknown>;
      text: string;
      /** Said again for the same call while it works: how far it is, from 0 to 100, and with what. */
      percent?: number;
      detail?: string;
    }
  | { type: 'tool_completed'; agent: AgentName; tool: string; call: string; durationMs: number; text: string }
  | { type: 'agent_completed'; agent: AgentName; text: string; result: RunResult }
  | {
      type: 'agent_failed';
      agent: AgentName;
      code: string;
      message: string;
      expected?: string;
      found?: string;
      /** What to do about it. */
      advice: string;
      text: string;
      trace_id: string;
    };

/** An event as it leaves the supervisor: `n` counts from 1 within the run, `at` is epoch milliseconds. */
export type RunEvent = AgentEvent & { run: string; n: number; at: number };

/** After such an event nothing more comes. */
export function isLast(event: Pick<AgentEvent, 'type'>): boolean {
  return event.type === 'agent_completed' || event.type === 'agent_failed';
}
