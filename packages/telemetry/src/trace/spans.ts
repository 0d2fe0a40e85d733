import {
  type Attributes,
  type Context,
  type Link,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TimeInput,
  type Tracer,
  context,
  trace,
} from '@opentelemetry/api';
import { carryContext, contextFrom } from './carry-context.ts';
import { isGenerating, withChosenIds } from './chosen-ids.ts';
import { formatTraceparent, isCarried, newTraceparent, parseTraceparent } from './traceparent.ts';

/** The instrumentation scope of spans that name no other. */
const DEFAULT_TRACER = 'reveille';

/** A tracer. May be taken at any time: it begins to record when telemetry is started. */
export function tracer(name: string = DEFAULT_TRACER): Tracer {
  return trace.getTracer(name);
}

export interface SpanOptions {
  readonly attributes?: Attributes;
  /** Traceparent or context of the parent. Default: the active context. `null`: a new trace. */
  readonly parent?: string | Context | null;
  readonly kind?: SpanKind;
  /** Traceparents (invalid ones are left out) or links. */
  readonly links?: readonly (string | Link)[];
  /** When it began, where that is not now. */
  readonly startTime?: TimeInput;
  /** Name of the tracer. */
  readonly tracer?: string;
}

export interface StartSpanOptions extends SpanOptions {
  /**
   * A traceparent that was chosen beforehand (`newTraceparent()`), perhaps written down and sent to others already: the
   * span takes exactly its trace id and span id, so that whatever was done under that traceparent is this span's child.
   * With a parent, both must be of one trace. Start only one span as the same traceparent.
   */
  readonly as?: string;
}

/** A span that outlives the function that started it. Must be ended; until then nothing of it is exported. */
export interface LongSpan {
  readonly span: Span;
  readonly context: Context;
  /** What to hand to others, so that theirs become children of this span. */
  readonly traceparent: string;
  readonly traceId: string;
  /** Runs `fn` with this span active. */
  run<T>(fn: () => T): T;
  /** Ends it, once; with an error it is recorded and the status set. Later calls do nothing. */
  end(outcome?: { readonly error?: unknown; readonly endTime?: TimeInput }): void;
}

/**
 * Starts a span to be ended later. Without an SDK it records nothing but still carries a trace: its parent's, or that of
 * `as`, or a new one.
 */
export function startSpan(name: string, options: StartSpanOptions = {}): LongSpan {
  carryContext();
  const parent = parentOf(options);
  const span = options.as === undefined ? begin(name, options, parent) : beginAs(name, options, parent, options.as);
  const spanContext = span.spanContext();
  const active = trace.setSpan(parent, span);
  let ended = false;
  return {
    span,
    context: active,
    traceparent: formatTraceparent(spanContext),
    traceId: spanContext.traceId,
    run: (fn) => context.with(active, fn),
    end({ error, endTime } = {}) {
      if (ended) return;
      ended = true;
      if (error !== undefined) recordError(span, error);
      span.end(endTime);
    },
  };
}

/**
 * Runs `fn` within a span: ended when `fn` settles, an error recorded, the status set, and the error thrown on. Without an
 * SDK the trace is carried all the same, so that logs and traceparents handed on stay right.
 */
export async function withSpan<T>(
  name: string,
  options: StartSpanOptions,
  fn: (span: Span) => Promise<T> | T,
): Promise<T> {
  const started = startSpan(name, options);
  try {
    const result = await started.run(() => fn(started.span));
    started.end();
    return result;
  } catch (error) {
    started.end({ error });
    throw error;
  }
}

/** Records an error on a span and marks the span as failed. */
export function recordError(span: Span, error: unknown): void {
  const exception = error instanceof Error ? error : String(error);
  span.recordException(exception);
  span.setAttribute('error.type', errorType(error));
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
}

/** The code that an error of ours or of Node has, else its name. */
function errorType(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** Marks a span as failed by a code: `error.type` is the semantic name for it. */
export function failSpan(span: Span, code: string): void {
  span.setAttribute('error.type', code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: code });
}

function parentOf({ parent }: SpanOptions): Context {
  if (parent === null) return contextFrom(undefined);
  if (parent === undefined) return context.active();
  return typeof parent === 'string' ? contextFrom(parent) : parent;
}

function begin(name: string, options: SpanOptions, parent: Context): Span {
  const span = tracer(options.tracer).startSpan(
    name,
    {
      kind: options.kind ?? SpanKind.INTERNAL,
      ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
      ...(options.links === undefined ? {} : { links: options.links.flatMap(toLink) }),
      ...(options.startTime === undefined ? {} : { startTime: options.startTime }),
    },
    parent,
  );
  if (isCarried(span.spanContext())) return span;
  // Without an SDK a span has no ids of its own; a trace without an id could not be found in any log.
  const invented = parseTraceparent(newTraceparent());
  return invented === undefined ? span : trace.wrapSpanContext(invented);
}

function beginAs(name: string, options: SpanOptions, parent: Context, as: string): Span {
  const ids = parseTraceparent(as);
  if (ids === undefined) throw new Error(`"${as}" is no traceparent`);
  const outer = options.parent === undefined ? undefined : trace.getSpanContext(parent);
  if (outer !== undefined && outer.traceId !== ids.traceId) {
    throw new Error(`a span of trace ${ids.traceId} cannot have a parent of trace ${outer.traceId}`);
  }
  // No SDK: its ids become those of the carrying span. An SDK that is not ours: the span becomes a child of the chosen one.
  if (!isGenerating()) return begin(name, options, contextFrom(as));
  return withChosenIds(ids, () => begin(name, options, outer === undefined ? contextFrom(undefined) : parent));
}

function toLink(link: string | Link): Link[] {
  if (typeof link !== 'string') return [link];
  const linked = parseTraceparent(link);
  return linked === undefined ? [] : [{ context: linked }];
}
