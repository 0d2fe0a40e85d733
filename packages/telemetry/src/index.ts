export { createLogger, type Logger, type LoggerOptions } from './log/create-logger.ts';
export { redactSecrets } from './log/redact.ts';
export {
  createMetrics,
  type MetricKey,
  type MetricLabel,
  type Metrics,
  type MetricsOptions,
} from './metrics/create-metrics.ts';
export { exportMetrics } from './metrics/export-metrics.ts';
export type { MetricDeclaration } from './metrics/metric-declaration.ts';
export { METRIC, PROCESS_METRIC } from './metrics/metric-table.ts';
export { ATTRIBUTE, SPAN } from './names.ts';
export { contextFrom, currentTraceparent, parentContextFromEnv, runWithTraceparent } from './trace/carry-context.ts';
export {
  failSpan,
  recordError,
  startSpan,
  tracer,
  withSpan,
  type LongSpan,
  type SpanOptions,
  type StartSpanOptions,
} from './trace/spans.ts';
export {
  DEFAULT_FLUSH_MS,
  isExportEnabled,
  isTracing,
  startTelemetry,
  type TelemetryOptions,
} from './trace/start-telemetry.ts';
export { promisedChild } from './trace/promised-child.ts';
export { newTraceparent, traceIdOf } from './trace/traceparent.ts';
export { SpanKind, type Attributes, type Context, type Link, type Span } from '@opentelemetry/api';
