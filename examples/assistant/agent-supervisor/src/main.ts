import { onShutdown, reportReady } from '@reveille/service-kit';
import { createLogger, parentContextFromEnv, startTelemetry } from '@reveille/telemetry';
import { analyst } from './analyst/analyst.ts';
import type { Engine } from './engine/engine.ts';
import type { ModelSettings } from './model/model-settings.ts';
import { RunFailure } from './runs/run-failure.ts';
import { RunRegistry } from './runs/run-registry.ts';
import { createApi } from './service/http-api.ts';
import { listen } from './service/listen.ts';
import { reachDependencies } from './service/reach-dependencies.ts';
import { readSettings } from './settings.ts';

const log = createLogger({ name: 'agent_supervisor' });

async function main(): Promise<void> {
  const read = readSettings(process.env);
  if ('faults' in read) {
    console.error(`agent_supervisor: the settings are not right.\n${read.faults.join('\n')}`);
    process.exit(2);
  }
  const { port, toolsUrl, threadsUrl, model } = read.settings;
  const parts = new AsyncDisposableStack();
  onShutdown(() => parts.disposeAsync());
  parts.use(await startTelemetry({ service: 'agent_supervisor', logger: log }));

  let ready = false;
  const engine = await engineFor(model);
  // Disposed in reverse: the runs say their last before the connections of their readers are closed.
  const registry = new RunRegistry({ toolsUrl, threadsUrl, engine, log });
  const http = parts.use(await listen(createApi({ runs: registry, log, isReady: () => ready }), port));
  parts.use(registry);
  await reachDependencies({ toolsUrl, threadsUrl }, parentContextFromEnv(process.env));
  ready = true;
  log.info({ port: http.port, engine: engine.name, languageModel: engine.languageModel }, 'listening');
  // An endpoint is told only when nobody chose the port: else Reveille knows it, and by which address others reach it.
  await reportReady(port === 0 ? `http://127.0.0.1:${http.port}` : undefined);
}

/** The engine that was asked for. The SDK of the other one costs a start 0.2 s, so only its users load it. */
async function engineFor(model: ModelSettings | undefined): Promise<Engine> {
  if (model === undefined) return analyst;
  const { createModelEngine } = await import('./model/model-engine.ts');
  return createModelEngine(model);
}

try {
  await main();
} catch (error) {
  // A failure that we foresaw says what to do; its inside belongs into the log only when nobody foresaw it.
  if (error instanceof RunFailure) console.error(`agent_supervisor: ${error.message}`);
  log.fatal(
    error instanceof RunFailure ? { code: error.words.code, err: error.cause } : { err: error },
    'agent_supervisor cannot start',
  );
  process.exit(1);
}
