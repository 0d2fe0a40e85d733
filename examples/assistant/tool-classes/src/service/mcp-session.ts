import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { withSpan, type Logger } from '@reveille/telemetry';
import { callTool } from '../tools/call-tool.ts';
import type { ToolRegistry } from '../tools/registry.ts';
import { TableCache } from '../tools/table-cache.ts';

/** One MCP server for one session: its tables live and end with it, and no other session can name them. */
export function createMcpServer(registry: ToolRegistry, log: Logger): Server {
  const tables = new TableCache();
  const server = new Server({ name: 'tool_classes', version: '0.1.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: registry.descriptions }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) => {
    const traceparent = extra.requestInfo?.headers['traceparent'];
    const parent = typeof traceparent === 'string' ? { parent: traceparent } : {};
    const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': params.name };
    return withSpan(`execute_tool ${params.name}`, { ...parent, attributes }, (span) => {
      const startedAt = performance.now();
      const result = callTool(registry, tables, params.name, params.arguments);
      const outcome = result.isError === true ? String(result.structuredContent?.['code']) : 'ok';
      span.setAttribute('reveille.tool.outcome', outcome);
      log.info({ tool: params.name, outcome, durationMs: Math.round(performance.now() - startedAt) }, 'tool called');
      return result;
    });
  });
  return server;
}
