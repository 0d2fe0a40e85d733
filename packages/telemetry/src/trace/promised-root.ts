import { hash } from 'node:crypto';
import { TraceFlags } from '@opentelemetry/api';
import { formatTraceparent } from './traceparent.ts';

/**
 * A trace whose ids follow from `key`, and a UUID that does too (RFC 9562, version 8): everybody who knows the key names the same run, without
 * having asked anybody. Only one of them may write its root span.
 */
export function promisedRoot(key: string): { readonly id: string; readonly traceparent: string } {
  const hex = hash('sha512', key);
  const [traceId, spanId, of] = [hex.slice(0, 32), hex.slice(32, 48), hex.slice(48)];
  // Two bits of the first digit of the fourth part are the variant.
  const variant = (8 + (Number.parseInt(of.slice(15, 16), 16) % 4)).toString(16);
  return {
    id: [
      of.slice(0, 8),
      of.slice(8, 12),
      `8${of.slice(12, 15)}`,
      `${variant}${of.slice(16, 19)}`,
      of.slice(19, 31),
    ].join('-'),
    traceparent: formatTraceparent({ traceId, spanId, traceFlags: TraceFlags.SAMPLED }),
  };
}
