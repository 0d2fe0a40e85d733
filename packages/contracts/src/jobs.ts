import { z } from 'zod';
import { generation, globalScopeKey, instanceKey, scope, scopeKey, serviceName } from './ids.ts';
import { origin } from './record.ts';

/** Somebody should compare what is wanted of this instance with what is. Harmless when doubled or late. */
export const reconcileJob = z.object({
  version: z.literal(1),
  kind: z.literal('reconcile'),
  instance: instanceKey,
  service: serviceName,
  scope,
  /** `suspect`: an edge could not reach a ready instance; probe it now. */
  reason: z.enum(['wanted', 'dependency', 'sweep', 'suspect', 'requested']),
  origin: origin.optional(),
  /** An edge has no session (any more) on this generation, which is being drained. Said again until the record knows. */
  left: z.object({ edge: z.string(), generation }).optional(),
});
export type ReconcileJob = z.infer<typeof reconcileJob>;

/** Who is let in first: a start whose holder died, what users wait for, what nobody waits for yet. */
export const urgency = z.enum(['resumed', 'waiting', 'warming']);
export type Urgency = z.infer<typeof urgency>;

/** An instance is `queued`: claim this attempt of this generation and start it. */
export const startJob = z.object({
  version: z.literal(1),
  kind: z.literal('start'),
  instance: instanceKey,
  generation,
  /** The attempt that the claim will make. */
  attempt: z.number().int().positive(),
  /** Starts of one lane take turns with those of others: the key of the tenant. */
  lane: scopeKey.default(globalScopeKey),
  urgency: urgency.default('waiting'),
  origin: origin.optional(),
});
export type StartJob = z.infer<typeof startJob>;
