import { endpoint, failure, instanceKey, instanceState, type LedgerRecord, progress, scope } from '@reveille/contracts';
import { isOfOperator, type Reading } from '@reveille/orchestration';
import { z } from 'zod';

/** An instance as an operator sees it. Times are epoch milliseconds of Redis. */
export const instanceView = z.object({
  instance: instanceKey,
  service: z.string(),
  scope,
  state: instanceState,
  generation: z.number().int(),
  attempt: z.number().int(),
  since: z.number().optional().describe('Since when it is in this state; absent where the record does not say.'),
  endpoint: endpoint.shape.url.optional(),
  owner: z.string().optional().describe('The initializer that holds its claim or watch.'),
  catalog: z.string().describe('Digest of the catalog that this generation was started under.'),
  edges: z.number().int().describe('Edges that have users for it.'),
  dependencies: z.array(instanceKey),
  dependents: z.array(instanceKey),
  progress: progress.optional(),
  failure: failure.optional(),
  cooldownUntil: z.number().optional(),
  stopRequestedAt: z.number().optional(),
  update: z
    .object({ generation: z.number().int(), attempt: z.number().int(), failure: failure.optional() })
    .optional()
    .describe(
      'The next generation, being started beside this one (`update: rolling`), and why it did not become ready.',
    ),
  draining: z
    .object({ generation: z.number().int(), until: z.number() })
    .optional()
    .describe('The generation before, which keeps its sessions until then at most.'),
});
export type InstanceView = z.infer<typeof instanceView>;

/** Undefined for an instance without a record: it is as cold as one can be. */
export function viewOf(reading: Reading): InstanceView | undefined {
  const { record } = reading;
  if (record === undefined) return undefined;
  const { instance, service, state, generation, attempt, owner, catalog, dependencies, dependents } = record;
  const since = sinceOf(record);
  return {
    ...{ instance, service, scope: record.scope, state, generation, attempt, catalog, dependencies, dependents },
    edges: usersOf(reading),
    ...given({ since, owner, endpoint: record.endpoint?.url, progress: record.progress, failure: record.failure }),
    ...given({ cooldownUntil: record.cooldownUntil, stopRequestedAt: record.stopRequestedAt }),
    ...besides(record),
  };
}

/** The other generations that a record names. */
function besides({ successor, draining }: LedgerRecord): Pick<InstanceView, 'update' | 'draining'> {
  return {
    ...(successor === undefined
      ? {}
      : {
          update: {
            ...given({ failure: successor.failure }),
            generation: successor.generation,
            attempt: successor.attempt,
          },
        }),
    ...(draining === undefined ? {} : { draining: { generation: draining.generation, until: draining.until } }),
  };
}

export function usersOf({ interest }: Pick<Reading, 'interest'>): number {
  return interest.filter((one) => !isOfOperator(one)).length;
}

function sinceOf({ state, timings }: LedgerRecord): number | undefined {
  switch (state) {
    case 'waiting':
      return timings.wantedAt;
    case 'queued':
      return timings.queuedAt;
    case 'starting':
      return timings.claimedAt;
    case 'ready':
      return timings.readyAt;
    case 'cold':
    case 'failed':
    case 'lost':
    case 'stopping':
      return timings.endedAt;
  }
}

function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
