import { z } from 'zod';
import { failure, phase, refusalOrFailureCode } from './failure.ts';
import { generation } from './ids.ts';
import { instanceState } from './record.ts';

/** Epoch milliseconds, milliseconds since the initialization began (the same for all who wait), and a sentence to show. */
const told = { at: z.number(), elapsedMs: z.number().nonnegative(), message: z.string() };
const ofService = { service: z.string(), name: z.string(), generation };

/** One service of a plan as a waiting user sees it. */
export const plannedService = z.object({
  service: z.string(),
  name: z.string(),
  state: instanceState,
  dependsOn: z.array(z.string()),
  expectedMs: z.number().nonnegative().optional(),
});
export type PlannedService = z.infer<typeof plannedService>;

export const initializationReason = z.enum(['cold', 'joined', 'lost', 'replaced', 'retry']);
export type InitializationReason = z.infer<typeof initializationReason>;

/** Edge → client. */
export const serverFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    session: z.string(),
    resumeKey: z.string(),
    resumed: z.boolean(),
    entrypoint: z.string(),
    user: z.string(),
    tenant: z.string().optional(),
    heartbeatMs: z.number().positive(),
    limits: z.object({
      messageBytes: z.number(),
      heldMessages: z.number(),
      heldBytes: z.number(),
      messagesPerSecond: z.number(),
    }),
    lastAccepted: z.string().optional(),
  }),
  z.object({
    type: z.literal('initialization_started'),
    initialization: z.string(),
    traceId: z.string(),
    reason: initializationReason,
    services: z.array(plannedService),
    totalServices: z.number().int().positive(),
    etaMs: z.number().nonnegative().optional(),
    deadlineMs: z.number().positive(),
    ...told,
  }),
  z.object({
    type: z.literal('service_initializing'),
    ...ofService,
    attempt: z.number().int().nonnegative(),
    phase,
    detail: z.string().optional(),
    percent: z.number().optional(),
    etaMs: z.number().optional(),
    position: z.number().int().optional(),
    waitingFor: z.array(z.string()).optional(),
    ...told,
  }),
  z.object({
    type: z.literal('service_completed'),
    ...ofService,
    durationMs: z.number().nonnegative(),
    servicesCompleted: z.array(z.string()),
    servicesRemaining: z.array(z.string()),
    progressPercentage: z.number().min(0).max(100),
    ...told,
  }),
  z.object({
    type: z.literal('service_failed'),
    ...ofService,
    attempt: z.number().int().nonnegative(),
    willRetry: z.boolean(),
    retryInMs: z.number().nonnegative().optional(),
    failure,
    ...told,
  }),
  z.object({
    type: z.literal('initialization_slow'),
    p95Ms: z.number().optional(),
    deadlineMs: z.number(),
    waitingFor: z.array(z.string()),
    ...told,
  }),
  z.object({
    type: z.literal('initialization_completed'),
    initialization: z.string().optional(),
    traceId: z.string(),
    ...told,
  }),
  z.object({
    type: z.literal('initialization_failed'),
    initialization: z.string(),
    failure,
    retryable: z.boolean(),
    retryAfterMs: z.number().nonnegative().optional(),
    traceId: z.string(),
    ...told,
  }),
  z.object({ type: z.literal('accepted'), id: z.string() }),
  z.object({
    type: z.literal('rejected'),
    id: z.string(),
    code: refusalOrFailureCode,
    message: z.string(),
    retryAfterMs: z.number().optional(),
  }),
  z.object({
    type: z.literal('message'),
    seq: z.number().int().positive(),
    data: z.json(),
    origin: z.object({ service: z.string(), generation }),
    /** The message that this answers, and whether it is the last of that answer: as the service said (`reveille.upstream.v1`). */
    re: z.string().optional(),
    final: z.boolean().optional(),
  }),
  z.object({ type: z.literal('interrupted'), reason: z.string(), ids: z.array(z.string()) }),
  z.object({ type: z.literal('draining'), reconnectInMs: z.number().nonnegative() }),
  z.object({ type: z.literal('ping') }),
  z.object({
    type: z.literal('error'),
    code: refusalOrFailureCode,
    message: z.string(),
    id: z.string().optional(),
    retryAfterMs: z.number().optional(),
  }),
]);
export type ServerFrame = z.infer<typeof serverFrame>;
export type ServerFrameOf<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>;
export type InitializationFrame = ServerFrameOf<
  | 'initialization_started'
  | 'service_initializing'
  | 'service_completed'
  | 'service_failed'
  | 'initialization_slow'
  | 'initialization_completed'
  | 'initialization_failed'
>;
