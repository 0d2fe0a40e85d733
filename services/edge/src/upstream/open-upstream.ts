import type { KeyObject } from 'node:crypto';
import type { Entrypoint, LedgerRecord, Principal } from '@reveille/contracts';
import { ATTRIBUTE, failSpan, type Logger, SPAN, SpanKind, startSpan } from '@reveille/telemetry';
import { connectUpstream, type NotConnected } from './connect.ts';
import { Upstream } from './upstream.ts';

/** For whom an upstream is opened. */
export type Caller = {
  readonly id: string;
  readonly principal: Principal;
  readonly signingKey: KeyObject;
  readonly logger: Logger;
  /** Highest number of an emit that was handed to the client. */
  readonly stored: number;
};

export type Opening = {
  record: LedgerRecord;
  entrypoint: Entrypoint;
  /** The trace that the handshake belongs to: one that begins with it, or that of an initialization. */
  trace: { as: string } | { parent: string };
  handshakeMs: number;
  /** By the ledger's clock, epoch milliseconds. */
  now: number;
  signal: AbortSignal;
};

/** One handshake as a span and, when there is no upstream, a log line. Rejects only when the signal aborts. */
export async function openUpstream(
  caller: Caller,
  opening: Opening,
): Promise<{ connected: true; upstream: Upstream } | NotConnected> {
  const { record, entrypoint, trace } = opening;
  const { id: session, principal, signingKey, stored, logger } = caller;
  const span = startSpan(SPAN.upstream, {
    ...('as' in trace ? { parent: null, ...trace } : trace),
    kind: SpanKind.CLIENT,
    attributes: {
      ...(record.endpoint === undefined
        ? {}
        : { 'server.address': record.endpoint.host, 'server.port': record.endpoint.port }),
      [ATTRIBUTE.instance]: record.instance,
      [ATTRIBUTE.generation]: record.generation,
      [ATTRIBUTE.session]: session,
    },
  });
  try {
    const { traceparent } = span;
    const result = await connectUpstream({ ...opening, session, principal, signingKey, stored, traceparent });
    span.span.setAttribute(ATTRIBUTE.outcome, result.connected ? 'connected' : result.why);
    if (result.connected) {
      const { roles } = principal;
      const upstream = new Upstream({ connected: result, record, frames: entrypoint.frames, roles });
      return { connected: true, upstream };
    }
    const { instance, generation } = record;
    const { why, reason } = result;
    failSpan(span.span, `upstream_${why}`);
    logger.warn({ trace_id: span.traceId, instance, generation, why, reason }, 'the upstream could not be opened');
    return result;
  } finally {
    span.end();
  }
}
