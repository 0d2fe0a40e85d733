import { instanceKey, type InstanceState, instanceState } from '@reveille/contracts';
import type { Reading } from '@reveille/orchestration';
import { z } from 'zod';
import { viewOf } from './instance-view.ts';

const count = z.number().int();
const known = z.number().optional().describe('Absent: the user of Redis may not ask.');

/** What a Redis says about itself, and what waits in it. Sizes in bytes, times in milliseconds. */
const redisSurvey = z.object({
  kind: z.enum(['standalone', 'sentinel', 'cluster']),
  nodes: z.array(
    z.object({
      address: z.string(),
      version: z.string(),
      role: z.string(),
      evictionPolicy: z.string().optional(),
      usedBytes: z.number(),
      maxBytes: known,
      hasAof: z.boolean(),
      diskIsWell: z.boolean(),
      appendfsync: z.string().optional(),
      save: z.string().optional(),
      replicas: count,
      minReplicasToWrite: known,
      minReplicasMaxLagS: known,
      databases: z.array(count),
      clock: z.object({ aheadMs: z.number(), uncertainMs: z.number() }),
    }),
  ),
  coveredSlots: count.optional().describe('Of a cluster: the slots that somebody serves.'),
  sentinels: z
    .object({ is: z.enum(['confirmed', 'doubted', 'unknown']), why: z.string().optional() })
    .optional()
    .describe(
      'Behind Sentinel: whether a sentinel that hears most of the others takes this Redis for the primary, and why not.',
    ),
  use: z
    .object({
      queues: z.array(
        z.object({ queue: z.string(), waiting: count, active: count, delayed: count, isPaused: z.boolean() }),
      ),
      journals: z.array(z.object({ partition: count, length: count, unread: count.optional(), pending: count })),
      kept: z.object({ sessions: count, bytes: z.number() }).describe('Sessions that are kept for a return.'),
    })
    .optional(),
});

/** All that a doctor has to know of a deployment. */
export const surveyView = z.object({
  at: z.number().describe('By the clock of this relay, epoch milliseconds.'),
  redis: redisSurvey,
  members: z.array(z.object({ id: z.string(), kind: z.enum(['edge', 'initializer', 'relay']), startedAt: z.number() })),
  instances: count,
  stuck: z
    .array(z.object({ instance: instanceKey, state: instanceState, forMs: z.number() }))
    .describe('On their way for over a minute, and held by nobody.'),
});

export type SurveyOfRedis = z.infer<typeof redisSurvey>;
export type SurveyView = z.infer<typeof surveyView>;
export type Stuck = SurveyView['stuck'][number];

/** On its way for longer, and nobody holds it: stuck (ms). The sweep looks each second. */
const stuckMs = 60_000;
const onTheWay: readonly InstanceState[] = ['waiting', 'queued', 'starting', 'stopping', 'lost'];

/** What nobody gets on with. */
export function stuckAmong(readings: readonly Reading[]): Stuck[] {
  return readings.flatMap((reading) => {
    const view = viewOf(reading);
    if (view?.since === undefined || reading.lease !== undefined || !onTheWay.includes(view.state)) return [];
    const forMs = reading.now - view.since;
    return forMs > stuckMs ? [{ instance: view.instance, state: view.state, forMs }] : [];
  });
}
