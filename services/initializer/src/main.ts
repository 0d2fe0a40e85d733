import { runProcess, startHealthServer } from '@reveille/lifecycle';
import { createLogger, createMetrics, exportMetrics, startTelemetry } from '@reveille/telemetry';
import { initializerConfig } from './config.ts';
import { startInitializer } from './initializer.ts';

const name = 'initializer';
const logger = createLogger({ name });

await runProcess(
  name,
  async ({ scope, health, fail, onReload }) => {
    const config = initializerConfig(process.env);
    const metrics = createMetrics();
    scope.use(await startTelemetry({ service: `reveille-${name}`, logger }), 'telemetry');
    scope.use(await exportMetrics({ metrics, service: `reveille-${name}`, logger }), 'metrics');
    scope.use(
      await startHealthServer({ port: config.healthPort, health, metrics: () => metrics.metricsText() }),
      'health',
    );
    const initializer = scope.use(await startInitializer({ config, logger, metrics, health, fail }), name);
    onReload(() => {
      initializer
        .reload()
        .catch((error: unknown) => logger.error({ err: error }, 'the catalog could not be read again'));
    });
  },
  {
    hangUp: 'reload',
    onFatal: (error, origin) => logger.fatal({ err: error, origin }, 'the initializer ends'),
  },
);
