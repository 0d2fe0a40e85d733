import type { ToolAnswer, ToolAnswers, ToolResult } from '../../src/tools/tool-results.ts';
import type { AnyToolName } from '../../src/tools/tool-names.ts';

/** An answer of a tool with this value; `whole` is what the tests here do not look at. */
export function answerOf<N extends AnyToolName>(tool: N, value: Partial<ToolResult<N>>): ToolAnswer<N> {
  return { tool, call: `call-of-${tool}`, value: value as ToolResult<N>, whole: {} };
}

export type { ToolAnswers };
