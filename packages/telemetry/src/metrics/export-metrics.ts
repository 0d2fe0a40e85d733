import { withDeadline } from '@reveille/lifecycle';
import { createLogger, type Logger } from '../log/create-logger.ts';
import { resourceOf } from '../resource.ts';
import { hearExportTrouble } from '../trace/export-trouble.ts';
import type { Metrics } from './create-metrics.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ExportMetricsOptions {
  readonly metrics: Metrics;
  /** `service.name`, unless OTEL_SERVICE_NAME says another. */
  readonly service: string;
  /** `service.version`. */
  readonly version?: string;
  /** Receives the line about a collector that cannot be reached. Default: a logger of its own. */
  readonly logger?: Logger;
  /** Decides whether metrics are exported. The exporter reads OTEL_* from `process.env`. */
  readonly env?: Environment;
  /** How long disposal may take to hand over the last values, in milliseconds. */
  readonly flushMs?: number;
}

/** Default time for handing over the last values, in milliseconds. */
const defaultFlushMs = 2_000;
/** Defaults of OpenTelemetry: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
const defaultIntervalMs = 60_000;
const defaultTimeoutMs = 30_000;

/** Whether the environment asks for metrics to be pushed. */
function isEnabled(env: Environment): boolean {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_METRICS_EXPORTER'] === 'none') return false;
  return Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT']);
}

/**
 * Pushes what `/metrics` shows to an OTLP collector, under the same names, when the environment names one; else costs nothing: the SDK is
 * not even loaded. One registry feeds both, so that they cannot differ. A collector that is away, slow or rejecting is not felt: a value
 * that could not be handed over is superseded by the next one, and nothing is kept meanwhile.
 */
export async function exportMetrics(options: ExportMetricsOptions): Promise<AsyncDisposable> {
  const env = options.env ?? process.env;
  if (!isEnabled(env)) return { async [Symbol.asyncDispose]() {} };
  const [sdk, { resource, detectors, detect }, { OTLPMetricExporter }, { registryProducer }] = await Promise.all([
    import('@opentelemetry/sdk-metrics'),
    resourceOf({ service: options.service, version: options.version, env }),
    exporterOf(env),
    import('./registry-producer.ts'),
  ]);
  const exportIntervalMillis = positive(env['OTEL_METRIC_EXPORT_INTERVAL'], defaultIntervalMs);
  const timeout = positive(env['OTEL_METRIC_EXPORT_TIMEOUT'], defaultTimeoutMs);
  const reader = new sdk.PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis,
    // The SDK refuses one that is longer than the interval.
    exportTimeoutMillis: Math.min(timeout, exportIntervalMillis),
    metricProducers: [registryProducer(options.metrics, sdk)],
  });
  const trouble = hearExportTrouble(options.logger ?? createLogger({ name: options.service }));
  const provider = new sdk.MeterProvider({
    resource: resource.merge(detect({ detectors })),
    readers: [reader],
  });
  return {
    async [Symbol.asyncDispose]() {
      const flushMs = options.flushMs ?? defaultFlushMs;
      // A stop does not wait for a collector that is away.
      await withDeadline(provider.shutdown(), flushMs, { reason: 'handing over the last metrics' }).catch(
        () => undefined,
      );
      trouble[Symbol.dispose]();
    },
  };
}

/** The same variables and default as for traces. */
function exporterOf(env: Environment) {
  switch (env['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL'] || env['OTEL_EXPORTER_OTLP_PROTOCOL']) {
    case 'grpc':
      return import('@opentelemetry/exporter-metrics-otlp-grpc');
    case 'http/json':
      return import('@opentelemetry/exporter-metrics-otlp-http');
    default:
      return import('@opentelemetry/exporter-metrics-otlp-proto');
  }
}

function positive(text: string | undefined, otherwise: number): number {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : otherwise;
}
