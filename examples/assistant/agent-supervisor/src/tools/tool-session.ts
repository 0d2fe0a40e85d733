import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ListToolsResultSchema, type Progress } from '@modelcontextprotocol/sdk/types.js';
import { currentTraceparent } from '@reveille/telemetry';
import { failureOf, refusalIn, unavailable } from './tool-failure.ts';
import { COMPARISON, TOOL_NAMES, type AnyToolName, type ToolDescription } from './tool-names.ts';
import { toolResults, type JsonObject, type ToolResult } from './tool-results.ts';

/** How long one tool may take over a large table without a word on how far it is. */
const CALL_TIMEOUT_MS = 120_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** How long the end of a session may take; the server ends forgotten ones by itself. */
const END_TIMEOUT_MS = 2000;

/** How far a tool is, as far as it says. */
export interface ToolProgress {
  /** From 0 to 100. */
  percent?: number;
  detail?: string;
}

/**
 * One MCP session of one run. The server keeps a session's tables for it alone, so runs that do not share a session cannot meet.
 */
export class ToolSession implements AsyncDisposable {
  readonly #client: Client;
  readonly #transport: StreamableHTTPClientTransport;

  private constructor(client: Client, transport: StreamableHTTPClientTransport) {
    this.#client = client;
    this.#transport = transport;
  }

  /** @throws RunFailure `tools_unavailable` */
  static async open(baseUrl: string, signal: AbortSignal): Promise<ToolSession> {
    const client = new Client({ name: 'agent_supervisor', version: '0.1.0' });
    const transport = new StreamableHTTPClientTransport(new URL('/mcp', baseUrl), { fetch: fetchInTrace });
    try {
      // The SDK's transport has optional fields that its interface declares as always there; only a cast joins them.
      await client.connect(transport as Transport, { signal, timeout: CONNECT_TIMEOUT_MS });
    } catch (error) {
      signal.throwIfAborted();
      throw unavailable(error);
    }
    return new ToolSession(client, transport);
  }

  /**
   * The tools that the agents use, as the server describes them.
   * @throws Error when one is missing, RunFailure `tools_unavailable` when the server cannot be asked
   */
  async describe(signal: AbortSignal): Promise<ToolDescription[]> {
    // Not `listTools`: that compiles a validator for every tool, which takes longer than all else that a start does. Results are held to
    // our own schemas, which know what is read.
    const { tools } = await this.#client
      .request({ method: 'tools/list' }, ListToolsResultSchema, { signal, timeout: CONNECT_TIMEOUT_MS })
      .catch((error: unknown) => {
        throw unavailable(error);
      });
    const there = new Map(tools.map((tool) => [tool.name, tool]));
    const absent = [...TOOL_NAMES, COMPARISON].filter((name) => !there.has(name));
    if (absent.length > 0) throw new Error(`The MCP server has no tool named ${absent.join(', ')}.`);
    return TOOL_NAMES.flatMap((name) => {
      const tool = there.get(name);
      return tool === undefined ? [] : [{ name, description: tool.description ?? '', inputSchema: tool.inputSchema }];
    });
  }

  /** @throws ToolRefused with the tool's own code when it refuses the table; RunFailure when it fails, takes too long or is away */
  async call<N extends AnyToolName>(
    tool: N,
    args: JsonObject,
    signal: AbortSignal,
    onProgress?: (progress: ToolProgress) => void,
  ): Promise<{ value: ToolResult<N>; whole: JsonObject }> {
    const options = {
      signal,
      timeout: CALL_TIMEOUT_MS,
      resetTimeoutOnProgress: true,
      ...(onProgress && { onprogress: (progress: Progress) => onProgress(progressFrom(progress)) }),
    };
    const result = await this.#client
      .callTool({ name: tool, arguments: args }, undefined, options)
      .catch((error: unknown) => {
        signal.throwIfAborted();
        throw failureOf(tool, error);
      });
    const whole = (result.structuredContent ?? {}) as JsonObject;
    if (result.isError === true) throw refusalIn(tool, whole);
    const parsed = toolResults[tool].safeParse(whole);
    if (!parsed.success) throw new Error(`${tool} answered something else than it promises`, { cause: parsed.error });
    return { value: parsed.data as ToolResult<N>, whole };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Whether it can be told or not, this end is closed; a server that is away has no session left to end.
    const ended = this.#transport.terminateSession().catch(() => undefined);
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, END_TIMEOUT_MS).unref())]);
    await this.#client.close();
  }
}

function progressFrom({ progress, total, message }: Progress): ToolProgress {
  const percent = total === undefined ? undefined : Math.floor((100 * progress) / total);
  return { ...(percent === undefined ? {} : { percent }), ...(message === undefined ? {} : { detail: message }) };
}

/** Each request belongs to the span that is active when it is made. */
function fetchInTrace(url: string | URL, init?: RequestInit): Promise<Response> {
  const traceparent = currentTraceparent();
  if (traceparent === undefined) return fetch(url, init);
  const headers = new Headers(init?.headers);
  headers.set('traceparent', traceparent);
  return fetch(url, { ...init, headers });
}
