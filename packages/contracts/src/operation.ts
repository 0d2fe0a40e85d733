import { z } from 'zod';
import { entrypointName, serviceName } from './ids.ts';

/** What can be paused. */
export const pauseTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('service'), name: serviceName }),
  z.object({ kind: z.literal('entrypoint'), name: entrypointName }),
]);
export type PauseTarget = z.infer<typeof pauseTarget>;

/** A service or entrypoint that is down for maintenance. `reason` is for operators; `at` in epoch milliseconds. */
export const pause = z.object({
  version: z.literal(1),
  target: pauseTarget,
  at: z.number(),
  by: z.string().max(100),
  reason: z.string().max(500).optional(),
});
export type Pause = z.infer<typeof pause>;

export const adminAction = z.enum(['start', 'stop', 'restart', 'clear', 'pause', 'resume', 'retry_webhook']);
export type AdminAction = z.infer<typeof adminAction>;

/** One action of an operator and what came of it. `by` is what the client said of itself: the token is the same for all. */
export const auditEntry = z.object({
  version: z.literal(1),
  id: z.string(),
  at: z.number(),
  action: adminAction,
  target: z.string().max(200),
  by: z.string().max(100),
  address: z.string().max(100),
  outcome: z.enum(['done', 'refused', 'failed']),
  detail: z.string().max(500).optional(),
});
export type AuditEntry = z.infer<typeof auditEntry>;
