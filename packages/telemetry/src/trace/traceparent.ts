import { randomBytes } from 'node:crypto';
import { INVALID_SPANID, INVALID_TRACEID, type SpanContext, TraceFlags } from '@opentelemetry/api';

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * Reads a W3C traceparent (https://www.w3.org/TR/trace-context/#traceparent-header). Undefined when it is not valid, as
 * the specification asks: an invalid one is as good as none.
 */
export function parseTraceparent(traceparent: string): SpanContext | undefined {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  // Version ff is forbidden, and version 00 has nothing after the flags.
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  const context: SpanContext = { traceId, spanId, traceFlags, isRemote: true };
  return isCarried(context) && spanId !== INVALID_SPANID ? context : undefined;
}

/** Whether there is a trace at all: contexts are made by an SDK or read from a traceparent, and none of them has ids that are half valid. */
export function isCarried(context: SpanContext): boolean {
  return context.traceId !== INVALID_TRACEID;
}

/** Writes a traceparent of version 00. */
export function formatTraceparent(context: SpanContext): string {
  return `00-${context.traceId}-${context.spanId}-0${context.traceFlags & TraceFlags.SAMPLED}`;
}

/** A traceparent with random ids, sampled: the beginning of a trace that can be written down before any span exists. */
export function newTraceparent(): string {
  return formatTraceparent({
    traceId: randomTraceId(),
    spanId: randomSpanId(),
    traceFlags: TraceFlags.SAMPLED,
  });
}

/** The trace id of a traceparent, 32 hex digits; undefined when it is not valid. */
export function traceIdOf(traceparent: string): string | undefined {
  return parseTraceparent(traceparent)?.traceId;
}

/** A trace id, 32 hex digits. */
export function randomTraceId(): string {
  return randomId(16);
}

/** A span id, 16 hex digits. */
export function randomSpanId(): string {
  return randomId(8);
}

/** Random bytes to take ids from: each call of the source costs more than everything else of a span. */
let drawn = Buffer.alloc(0);
let taken = 0;

function randomId(bytes: number): string {
  if (taken + bytes > drawn.length) [drawn, taken] = [randomBytes(4096), 0];
  const id = drawn.subarray(taken, (taken += bytes));
  // All zeros is the one forbidden id.
  if (id.every((byte) => byte === 0)) id[bytes - 1] = 1;
  return id.toString('hex');
}
