import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { RunFailure } from '../runs/run-failure.ts';
import type { AnyToolName } from './tool-names.ts';
import { toolRefusal, type JsonObject } from './tool-results.ts';

/** A tool cannot do this with this table, and says why. */
export class ToolRefused extends RunFailure {}

/** Where the table is not what is wrong. */
const ADVICE: Readonly<Record<string, string>> = {
  too_busy: 'Send the question again in a minute.',
  too_large: 'Send a shorter time span or fewer columns.',
  unknown_table: 'Send the question again.',
};

/** What a result with `isError` means. */
export function refusalIn(tool: AnyToolName, whole: JsonObject): Error {
  const parsed = toolRefusal.safeParse(whole);
  if (!parsed.success) return new Error(`${tool} failed without saying why`, { cause: parsed.error });
  const { code, message, expected, found } = parsed.data;
  return new ToolRefused({
    code,
    message,
    advice: ADVICE[code] ?? 'Correct the table and send it again.',
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
  });
}

/** What it means that a tool gave no result at all. */
export function failureOf(tool: AnyToolName, cause: unknown): RunFailure {
  if (!(cause instanceof McpError) || cause.code === (ErrorCode.ConnectionClosed as number)) return unavailable(cause);
  if (cause.code === (ErrorCode.RequestTimeout as number)) {
    const words = {
      code: 'tool_timeout',
      message: `The tool ${tool} took too long over this table.`,
      advice: 'Send a shorter time span.',
    };
    return new RunFailure(words, { cause });
  }
  const words = {
    code: 'tool_failed',
    message: `The tool ${tool} failed over this table, so there is no analysis.`,
    advice: 'Give the trace id to whoever runs this service: the log of the tools says why.',
  };
  return new RunFailure(words, { cause });
}

export function unavailable(cause: unknown): RunFailure {
  return new RunFailure(
    {
      code: 'tools_unavailable',
      message: 'The analysis tools could not be reached, so nothing was computed.',
      advice: 'Send the question again in a moment.',
    },
    { cause },
  );
}
