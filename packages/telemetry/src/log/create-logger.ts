import { context, trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { carryContext } from '../trace/carry-context.ts';
import { isCarried } from '../trace/traceparent.ts';
import { redactSecrets } from './redact.ts';

export type { Logger };

export interface LoggerOptions {
  /** The deployable or part that speaks; the field `name` of each line. */
  readonly name: string;
  /** Default: LOG_LEVEL, else `info`. */
  readonly level?: string;
  /** Default: standard output, written synchronously so that the last lines before an exit are not lost. */
  readonly destination?: DestinationStream;
  /** Fields of every line. */
  readonly bindings?: Readonly<Record<string, unknown>>;
}

/**
 * A logger of JSON lines: `level` as a word, `time` in ISO 8601, `trace_id` and `span_id` of the active context, secrets
 * redacted.
 */
export function createLogger(options: LoggerOptions): Logger {
  carryContext();
  const logger = pino(
    {
      name: options.name,
      level: options.level ?? (process.env['LOG_LEVEL'] || 'info'),
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: traceFields,
      hooks: { streamWrite: redactSecrets },
    },
    options.destination ?? pino.destination({ fd: 1, sync: true }),
  );
  return options.bindings === undefined ? logger : logger.child(options.bindings);
}

function traceFields(): object {
  const active = trace.getSpanContext(context.active());
  if (active === undefined || !isCarried(active)) return {};
  return { trace_id: active.traceId, span_id: active.spanId };
}
