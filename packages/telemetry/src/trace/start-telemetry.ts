import { type ContextManager, diag, logs, propagation, trace } from '@opentelemetry/api';
import { withDeadline } from '@reveille/lifecycle';
import { createLogger, type Logger } from '../log/create-logger.ts';
import { carryContext } from './carry-context.ts';
import { chosenIdGenerator, isGenerating, setGenerating } from './chosen-ids.ts';
import { resourceOf } from '../resource.ts';
import { hearExportTrouble } from './export-trouble.ts';

export interface TelemetryOptions {
  /** `service.name` of the spans, unless OTEL_SERVICE_NAME says another. */
  readonly service: string;
  /** `service.version` of the spans. */
  readonly version?: string;
  /** Decides whether spans are exported. The SDK reads OTEL_* from `process.env`, so its endpoints must be the same there. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Receives the line about a collector that cannot be reached. Default: a logger of its own. */
  readonly logger?: Logger;
  /** How long disposal may take to hand over the last spans, in milliseconds. */
  readonly flushMs?: number;
}

/** Default time for handing over the last spans, in milliseconds. */
export const DEFAULT_FLUSH_MS = 2_000;

const ENDPOINTS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const;

/** Whether the environment asks for spans to be exported. */
export function isExportEnabled(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return false;
  if (env['OTEL_TRACES_EXPORTER'] === 'none') return false;
  return ENDPOINTS.some((name) => Boolean(env[name]));
}

/** Whether spans of this process are exported: what is only done for them can be left out otherwise. */
export function isTracing(): boolean {
  return isGenerating();
}

let running: { users: number; readonly stop: Promise<() => Promise<void>> } | undefined;

/**
 * Carries trace contexts through this process and, only when an OTLP endpoint is set, loads and starts OpenTelemetry's SDK.
 * There is one SDK in a process: the second caller shares that of the first, and the last disposal ends it. Whatever befalls
 * the collector, nothing here throws or waits longer than `flushMs`.
 * @throws TypeError when `env` asks for an endpoint that is not that of `process.env`.
 */
export async function startTelemetry(options: TelemetryOptions): Promise<AsyncDisposable> {
  carryContext();
  const env = options.env ?? process.env;
  if (!isExportEnabled(env)) return { async [Symbol.asyncDispose]() {} };
  for (const name of ENDPOINTS) {
    if (env[name] !== process.env[name]) throw new TypeError(`${name} differs from that of this process`);
  }
  running ??= { users: 0, stop: startSdk(options) };
  const shared = running;
  shared.users += 1;
  const stop = await shared.stop;
  let disposed = false;
  return {
    async [Symbol.asyncDispose]() {
      if (disposed) return;
      disposed = true;
      shared.users -= 1;
      if (shared.users > 0) return;
      if (running === shared) running = undefined;
      await stop();
    },
  };
}

async function startSdk(options: TelemetryOptions): Promise<() => Promise<void>> {
  const logger = options.logger ?? createLogger({ name: options.service });
  const [{ NodeSDK }, { resource, detectors }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    resourceOf({ service: options.service, version: options.version, env: options.env ?? process.env }),
  ]);
  const trouble = hearExportTrouble(logger);
  const sdk = new NodeSDK({
    resource,
    resourceDetectors: detectors,
    idGenerator: chosenIdGenerator,
    // `carryContext` has registered one. Null keeps the SDK from registering another; its types forget to say so.
    contextManager: null as unknown as ContextManager,
    // Logs go to standard output and metrics to /metrics; only spans are pushed.
    logRecordProcessors: [],
    metricReaders: [],
  });
  sdk.start();
  setGenerating(true);
  return async () => {
    const flushMs = options.flushMs ?? DEFAULT_FLUSH_MS;
    await withDeadline(sdk.shutdown(), flushMs, { reason: 'handing over the last spans' }).catch((error: unknown) =>
      diag.error(String(error)),
    );
    setGenerating(false);
    // Given back, so that telemetry can be started again in this process.
    for (const api of [trace, propagation, logs]) api.disable();
    trouble[Symbol.dispose]();
  };
}
