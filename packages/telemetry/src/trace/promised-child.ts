import { hash } from 'node:crypto';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';

/**
 * The traceparent of a child of `parent` whose span id follows from `key`: whoever knows the key can start that span, should the
 * process that was to end it have died. Undefined when `parent` is not valid.
 */
export function promisedChild(parent: string, key: string): string | undefined {
  const context = parseTraceparent(parent);
  if (context === undefined) return undefined;
  const spanId = hash('sha256', `${context.traceId} ${key}`).slice(0, 16);
  return formatTraceparent({ ...context, spanId });
}
