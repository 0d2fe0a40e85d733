import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  type ServerNotification,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import { withSpan, type Logger } from '@reveille/telemetry';
import { callTool } from '../tools/call-tool.ts';
import type { ToolRegistry } from '../tools/registry.ts';
import { SessionTables } from '../tools/session-tables.ts';
import type { TableTexts } from '../tools/table-texts.ts';
import type { Tell } from '../work/job.ts';
import type { WorkerPool } from '../work/worker-pool.ts';

/** What all sessions share: the tools, the threads that compute, and the room for tables. */
export interface SharedParts {
  readonly registry: ToolRegistry;
  readonly workers: WorkerPool;
  readonly texts: TableTexts;
  readonly log: Logger;
}

/** One MCP server for one session: its tables live and end with it, and no other session can name them. */
export function createMcpServer({ registry, workers, texts, log }: SharedParts): Server {
  const tables = new SessionTables(texts);
  const server = new Server({ name: 'tool_classes', version: '0.1.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: registry.descriptions }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) => {
    const traceparent = extra.requestInfo?.headers['traceparent'];
    const parent = typeof traceparent === 'string' ? { parent: traceparent } : {};
    const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': params.name };
    return withSpan(`execute_tool ${params.name}`, { ...parent, attributes }, async (span) => {
      const startedAt = performance.now();
      const call = { name: params.name, args: params.arguments, signal: extra.signal, tell: progressTo(extra, log) };
      const result = await callTool({ registry, tables, workers }, call);
      const outcome = result.isError === true ? String(result.structuredContent?.['code']) : 'ok';
      span.setAttribute('reveille.tool.outcome', outcome);
      log.info({ tool: params.name, outcome, durationMs: Math.round(performance.now() - startedAt) }, 'tool called');
      return result;
    });
  });
  server.onclose = () => {
    tables[Symbol.dispose]();
    workers.forget(tables.prefix);
  };
  return server;
}

/** Tells the caller how far its call is, when it asked for that (MCP: a progress token in the request; `total` is 100). */
function progressTo(extra: RequestHandlerExtra<ServerRequest, ServerNotification>, log: Logger): Tell {
  const progressToken = extra._meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  let last = -1;
  return ({ percent, detail }) => {
    // Each value must be above the one before; what goes back is what has begun anew, and its words are still news.
    last = Math.max(last + 0.001, percent);
    const params = { progressToken, progress: last, total: 100, message: detail };
    extra.sendNotification({ method: 'notifications/progress', params }).catch((error: unknown) => {
      // Whoever asked is gone; that ends its session, not the tool.
      log.debug({ err: error }, 'progress could not be told');
    });
  };
}
