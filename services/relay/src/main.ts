import { runProcess, startHealthServer } from '@reveille/lifecycle';
import { createLogger, createMetrics, exportMetrics, startTelemetry } from '@reveille/telemetry';
import { relayConfig } from './config.ts';
import { startRelay } from './relay.ts';

const name = 'relay';
const logger = createLogger({ name });

await runProcess(
  name,
  async ({ scope, health, onReload }) => {
    const config = relayConfig(process.env);
    const metrics = createMetrics();
    scope.use(await startTelemetry({ service: `reveille-${name}`, logger }), 'telemetry');
    scope.use(await exportMetrics({ metrics, service: `reveille-${name}`, logger }), 'metrics');
    scope.use(
      await startHealthServer({ port: config.healthPort, health, metrics: () => metrics.metricsText() }),
      'health',
    );
    const relay = scope.use(await startRelay({ config, logger, metrics, health }), name);
    onReload(() => {
      relay.reload().catch((error: unknown) => logger.error({ err: error }, 'the catalog could not be read again'));
    });
  },
  {
    hangUp: 'reload',
    onFatal: (error, origin) => logger.fatal({ err: error, origin }, 'the relay ends'),
  },
);
