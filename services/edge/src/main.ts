import { runProcess } from '@reveille/lifecycle';
import { createLogger, createMetrics, exportMetrics, startTelemetry } from '@reveille/telemetry';
import { edgeConfig } from './config.ts';
import { startEdge } from './edge.ts';

await runProcess(
  'edge',
  async ({ scope, signal, health, onReload }) => {
    const config = edgeConfig(process.env);
    const logger = createLogger({ name: 'edge' });
    scope.use(await startTelemetry({ service: 'reveille-edge', logger }), 'telemetry');
    const metrics = createMetrics();
    scope.use(await exportMetrics({ metrics, service: 'reveille-edge', logger }), 'metrics');
    const edge = scope.use(await startEdge({ config, logger, metrics, health, signal }), 'edge');
    onReload(() => {
      edge.reload().catch((error: unknown) => logger.error({ err: error }, 'the catalog could not be read again'));
    });
  },
  { hangUp: 'reload' },
);
