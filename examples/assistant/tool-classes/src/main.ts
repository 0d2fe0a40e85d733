import { onShutdown, report, reportReady, serviceEnv } from '@reveille/service-kit';
import { createLogger, parentContextFromEnv, startTelemetry, withSpan } from '@reveille/telemetry';
import { createApp } from './service/http-app.ts';
import { listen } from './service/listen.ts';
import { SessionPool } from './service/session-pool.ts';
import { ALL_TOOLS } from './tools/all-tools.ts';
import { registerTools } from './tools/registry.ts';
import { TableTexts } from './tools/table-texts.ts';
import type { Tool } from './tools/tool.ts';
import { WorkerPool } from './work/worker-pool.ts';

const log = createLogger({ name: 'tool_classes' });

async function main(): Promise<void> {
  const env = serviceEnv();
  const parts = new AsyncDisposableStack();
  onShutdown(() => parts.disposeAsync());
  parts.use(await startTelemetry({ service: 'tool_classes' }));
  const started = { parent: parentContextFromEnv(process.env) };
  const registry = await withSpan('register tools', started, () => registerTools(ALL_TOOLS, tellProgress));
  const workers = parts.use(new WorkerPool());
  const sessions = parts.use(new SessionPool({ registry, workers, texts: new TableTexts(), log }));
  const http = parts.use(await listen(createApp(sessions, log), env.port));
  log.info({ port: http.port, tools: registry.descriptions.length }, 'listening');
  // An endpoint is told only when nobody chose the port: else Reveille knows it, and by which address others reach it.
  await reportReady(env.port === 0 ? `http://127.0.0.1:${http.port}` : undefined);
}

/** Not awaited: progress must not slow down what it tells of. The kit sends the latest and never rejects. */
function tellProgress(tool: Tool, position: number): void {
  void report({
    phase: 'registering tools',
    detail: `${tool.title} (${position + 1} of ${ALL_TOOLS.length})`,
    percent: Math.round((100 * position) / ALL_TOOLS.length),
  });
}

try {
  await main();
} catch (error) {
  log.fatal({ err: error }, 'tool_classes cannot start');
  process.exit(1);
}
