import { SpanKind, startSpan } from '@reveille/telemetry';
import type { NextFunction, Request, Response } from 'express';

/** Continues the caller's trace: one span per request, and its ids in every log line of it. */
export function traceRequests(request: Request, response: Response, next: NextFunction): void {
  const traceparent = request.get('traceparent');
  const span = startSpan(`${request.method} thread API`, {
    kind: SpanKind.SERVER,
    attributes: { 'http.request.method': request.method },
    ...(traceparent === undefined ? {} : { parent: traceparent }),
  });
  response.once('close', () => {
    span.span.setAttribute('http.response.status_code', response.statusCode);
    span.end();
  });
  span.run(next);
}
