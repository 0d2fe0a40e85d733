import { z } from 'zod';
import { failure, phase } from './failure.ts';
import { epoch, generation, type InstanceKey, instanceKey, scope, scopeKey, serviceName, traceparent } from './ids.ts';

export const instanceState = z.enum(['cold', 'waiting', 'queued', 'starting', 'ready', 'stopping', 'failed', 'lost']);
export type InstanceState = z.infer<typeof instanceState>;

/** Where a ready instance answers. `url` has scheme, host and port and the endpoint's path, no trailing slash. */
export const endpoint = z.object({ url: z.string(), host: z.string(), port: z.number().int().min(1).max(65535) });
export type Endpoint = z.infer<typeof endpoint>;

/** What the start of an instance last said about itself. `percent` 0–100. */
export const progress = z.object({
  phase,
  detail: z.string().max(500).optional(),
  percent: z.number().min(0).max(100).optional(),
});
export type Progress = z.infer<typeof progress>;

/** When the present generation entered each step, epoch milliseconds of Redis TIME. */
export const timings = z.object({
  wantedAt: z.number().optional(),
  queuedAt: z.number().optional(),
  claimedAt: z.number().optional(),
  readyAt: z.number().optional(),
  endedAt: z.number().optional(),
});
export type Timings = z.infer<typeof timings>;

/** The run that the present generation was started for: the id and trace that everybody who joins takes over. */
export const origin = z.object({ initialization: z.string(), traceparent });
export type Origin = z.infer<typeof origin>;

/**
 * How often in a row the generations of an instance failed, and until when (epoch ms) that is remembered. A generation that begins
 * while it is remembered is a trial. `loop`: the last of them became ready and was lost again, so that being ready alone clears nothing.
 */
export const strikes = z.object({ count: z.number().int().positive(), until: z.number(), loop: z.boolean() });
export type Strikes = z.infer<typeof strikes>;

/**
 * The next generation of a ready instance, on its way beside it (`update: rolling`). Who holds the watch of the instance makes it; its
 * own epoch says which of them may commit. `failed`: its attempts are used up, and nothing of it runs.
 */
export const successor = z.object({
  generation,
  attempt: z.number().int().nonnegative(),
  epoch,
  owner: z.string(),
  host: z.string().optional(),
  intent: z.object({ name: z.string() }),
  catalog: z.string(),
  definition: z.string().optional(),
  dependencyGenerations: z.record(instanceKey, generation),
  claimedAt: z.number(),
  failure: failure.optional(),
  failed: z.boolean().optional(),
  /** Not to be claimed (again) before. Epoch milliseconds. */
  notBefore: z.number().optional(),
  strikes: strikes.optional(),
});
export type Successor = z.infer<typeof successor>;

/**
 * The generation before, which keeps the sessions that it had (`update: rolling`): until no edge of `edges` has any left, at the latest
 * until `until` (epoch ms). `over`: it serves nobody any more and is being stopped.
 */
export const draining = z.object({
  generation,
  host: z.string().optional(),
  intent: z.object({ name: z.string() }),
  definition: z.string().optional(),
  endpoint: endpoint.optional(),
  /** Edges that may have sessions on it. */
  edges: z.array(z.string()),
  until: z.number(),
  over: z.boolean(),
});
export type Draining = z.infer<typeof draining>;

/** What the span id of a claimed start follows from: one for each claim. */
export function startSpanKey(instance: InstanceKey, ofEpoch: number): string {
  return `${instance} ${ofEpoch}`;
}

/** What the initialization is called after that follows a generation which was ready: one for each, whoever notices first. */
export function successorKey(instance: InstanceKey, ofGeneration: number): string {
  return `${instance} after ${ofGeneration}`;
}

/** One instance in the ledger. Written only by the commit script; everything else is a copy with a revision. */
export const ledgerRecord = z.object({
  version: z.literal(1),
  instance: instanceKey,
  service: serviceName,
  scope,
  scopeKey,
  /** Digest of the catalog that the present generation was started under. */
  catalog: z.string(),
  /** Digest of the entry of its service in that catalog: another one means that a new version waits. Absent in older records. */
  definition: z.string().optional(),
  /** Rises with each commit (µs of Redis TIME): orders what users see. */
  revision: z.number().int().nonnegative(),
  state: instanceState,
  generation,
  attempt: z.number().int().nonnegative(),
  epoch,
  /** The initializer that holds the claim or the watch. */
  owner: z.string().optional(),
  /** The host that `process` and `module` instances live on. */
  host: z.string().optional(),
  /** The deterministic name under which the driver starts it: `reveille-{service}-{scopeKey}-{generation}`. */
  intent: z.object({ name: z.string() }).optional(),
  dependencies: z.array(instanceKey),
  /** Instances that wait for this one or run on top of it. */
  dependents: z.array(instanceKey),
  /** The generation of each dependency that this generation was started with. */
  dependencyGenerations: z.record(instanceKey, generation).optional(),
  endpoint: endpoint.optional(),
  /** Ed25519 public key of the generation, base64url of its 32 bytes. */
  publicKey: z.string().optional(),
  progress: progress.optional(),
  timings,
  /** The failure of the last attempt (`queued`, `starting`), of the generation (`failed`) or why it was lost. */
  failure: failure.optional(),
  /** `queued`: not to be claimed before. Epoch milliseconds. */
  notBefore: z.number().optional(),
  /** `failed`: nothing is started before. Epoch milliseconds. */
  cooldownUntil: z.number().optional(),
  /** Why it is being stopped. */
  stopReason: z.enum(['cancelled', 'idle', 'lost', 'replaced', 'requested', 'failed', 'dependency']).optional(),
  /** An operator asked for the end of this generation. Epoch milliseconds. */
  stopRequestedAt: z.number().optional(),
  /** Since when nobody wants it: cancel and idle stop count from here. Epoch milliseconds. */
  unwantedAt: z.number().optional(),
  /** When it was lost lately, epoch milliseconds, at most 10: a crash loop shows here. */
  losses: z.array(z.number()).max(10).optional(),
  strikes: strikes.optional(),
  origin: origin.optional(),
  /** `ready`: the next generation, being started beside it. */
  successor: successor.optional(),
  /** `ready`: the generation before, which keeps its sessions for a while. */
  draining: draining.optional(),
});
export type LedgerRecord = z.infer<typeof ledgerRecord>;
