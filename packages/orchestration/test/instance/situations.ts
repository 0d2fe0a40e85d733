import { catalog as catalogSchema, type LedgerRecord, type ServiceName } from '@reveille/contracts';
import type { Identity, Reading } from '../../src/index.ts';

/** Small worlds for the tests of this folder: `app` needs `db`. */
export const catalog = catalogSchema.parse({
  version: 1,
  services: {
    db: { start: { process: { command: ['db'] } } },
    app: { start: { process: { command: ['app'] } }, dependsOn: ['db'], idle: { stopAfterMs: 1000 } },
  },
  entrypoints: { chat: { service: 'app' } },
});
export const spec = (service: string) => {
  const found = catalog.services[service as ServiceName];
  if (found === undefined) throw new Error(service);
  return found;
};

export const db: Identity = {
  instance: 'db~global' as Identity['instance'],
  service: 'db' as ServiceName,
  scope: { kind: 'global' },
  scopeKey: 'global' as Identity['scopeKey'],
  dependencies: [],
  catalog: 'digest',
};
export const app: Identity = {
  ...db,
  instance: 'app~global' as Identity['instance'],
  service: 'app' as ServiceName,
  dependencies: [db.instance],
};

export const now = 1_700_000_000_000;

export function recordOf(identity: Identity, fields: Partial<LedgerRecord>): LedgerRecord {
  return {
    version: 1,
    ...identity,
    dependencies: [...identity.dependencies],
    revision: 10,
    state: 'cold',
    generation: 0,
    attempt: 0,
    epoch: 0,
    dependents: [],
    timings: {},
    ...fields,
  };
}

export function readingOf(
  identity: Identity,
  fields: Partial<LedgerRecord> | undefined,
  more: Partial<Reading> = {},
): Reading {
  const record = fields && recordOf(identity, fields);
  return {
    instance: identity.instance,
    token: record?.revision ?? 0,
    record,
    interest: [],
    lease: undefined,
    now,
    nowUs: now * 1000,
    ...more,
  };
}

export const interest = { interest: [{ edge: 'edge1', until: now + 10_000 }] };

export const failure = {
  code: 'exited_early',
  service: 'db',
  name: 'Db',
  phase: 'starting',
  message: 'exit code 1',
  attempt: 1,
  attempts: 3,
  retryable: true,
  traceId: 'a'.repeat(32),
} as const;
