import type { AgentEvent } from '../runs/run-event.ts';
import type { ToolProgress } from '../tools/tool-session.ts';
import type { AgentContext } from './agent-context.ts';

/** A user is told so often at most, and so many times for one call. */
const TELL_MS = 1000;
const MOST_TOLD = 60;

type Begun = Omit<Extract<AgentEvent, { type: 'tool_executing' }>, 'type' | 'percent' | 'detail'>;

/** Tells the user how far a call is, as `tool_executing` of the same call, until it ends: what comes later is said to nobody. */
export function tellProgress(
  context: AgentContext,
  begun: Begun,
): { tell: (progress: ToolProgress) => void; end: () => void } {
  let ended = false;
  let told = 0;
  let last = -Infinity;
  return {
    tell: ({ percent, detail }) => {
      const now = performance.now();
      if (detail === undefined && percent === undefined) return;
      if (ended || context.signal.aborted || told >= MOST_TOLD || now - last < TELL_MS) return;
      last = now;
      told += 1;
      const words = [...(detail === undefined ? [] : [detail]), ...(percent === undefined ? [] : [`${percent} %`])];
      context.say({
        type: 'tool_executing',
        ...begun,
        text: `${begun.text.replace(/\.$/, '')} (${words.join(', ')}).`,
        ...(percent === undefined ? {} : { percent }),
        ...(detail === undefined ? {} : { detail }),
      });
    },
    end: () => {
      ended = true;
    },
  };
}
