import {
  catalog as catalogSchema,
  type InstanceKey,
  type LedgerRecord,
  scopeKeysOf,
  serverFrame,
} from '@reveille/contracts';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  applyRecord,
  completedFrame,
  failedFrame,
  failureFor,
  framesBetween,
  originOf,
  type Plan,
  type PlanState,
  planOf,
  planStatus,
  slowFrame,
  snapshotFrames,
  startedAtOf,
  startedFrame,
} from '../../src/index.ts';
import { failure, now } from '../instance/situations.ts';

const start = { process: { command: ['x'] } };
const catalog = catalogSchema.parse({
  version: 1,
  services: { db: { name: 'Database', start }, app: { start, dependsOn: ['db'] } },
  entrypoints: { chat: { service: 'app' } },
});
const telling = { initialization: 'i1', traceId: 'a'.repeat(32), startedAt: now - 1500, now, deadlineMs: 30_000 };
let plan: Plan;
let db: InstanceKey;
let app: InstanceKey;

beforeAll(async () => {
  const made = planOf(catalog, 'chat', await scopeKeysOf({ user: 'u' }), { user: 'u' });
  if ('refused' in made) throw new Error(made.refused);
  plan = made;
  [db, app] = made.instances.map((one) => one.instance) as [InstanceKey, InstanceKey];
});

function record(instance: InstanceKey, revision: number, fields: Partial<LedgerRecord>): LedgerRecord {
  const planned = plan.instances.find((one) => one.instance === instance);
  if (planned === undefined) throw new Error(instance);
  const { service, scope, scopeKey, dependencies } = planned;
  const base = {
    version: 1,
    instance,
    service,
    scope,
    scopeKey,
    dependencies,
    catalog: 'd',
    epoch: 0,
    dependents: [],
  } as const;
  return {
    ...base,
    dependencies: [...dependencies],
    dependents: [],
    revision,
    state: 'cold',
    generation: 1,
    attempt: 0,
    timings: {},
    ...fields,
  };
}
const state = (...records: LedgerRecord[]): PlanState => new Map(records.map((one) => [one.instance, one]));

describe('what a waiting user sees', () => {
  test('the snapshot names every service with what it needs', () => {
    const frame = startedFrame(plan, state(record(db, 1, { state: 'starting' })), 'joined', telling);
    expect(frame.services).toEqual([
      { service: 'db', name: 'Database', state: 'starting', dependsOn: [] },
      { service: 'app', name: 'App', state: 'cold', dependsOn: ['db'] },
    ]);
    expect(frame).toMatchObject({ totalServices: 2, elapsedMs: 1500, at: now, reason: 'joined' });
    expect(frame.message).toContain('2 services');
  });

  test('each step is told once, in words', () => {
    const before = state(record(app, 2, { state: 'waiting' }));
    const after = applyRecord(before, record(db, 3, { state: 'starting', attempt: 1 }));
    expect(framesBetween(plan, before, after, telling)).toMatchObject([
      { type: 'service_initializing', service: 'db', phase: 'starting', message: 'Database is starting.' },
    ]);
    const more = applyRecord(
      after,
      record(db, 4, {
        state: 'starting',
        attempt: 1,
        progress: { phase: 'opening', detail: 'opening files', percent: 40 },
      }),
    );
    expect(framesBetween(plan, after, more, telling)).toMatchObject([
      { phase: 'opening', detail: 'opening files', percent: 40, message: 'Database is starting: opening files 40 %.' },
    ]);
    const joined = applyRecord(more, record(db, 5, { ...more.get(db), revision: 5, dependents: [app] }));
    expect(framesBetween(plan, more, joined, telling)).toEqual([]);
  });

  test('a ready service says what is done, what remains and how long it took', () => {
    const before = state(record(db, 1, { state: 'starting' }), record(app, 2, { state: 'waiting' }));
    const timings = { wantedAt: now - 900, claimedAt: now - 800, readyAt: now - 100 };
    const after = applyRecord(before, record(db, 3, { state: 'ready', timings }));
    expect(framesBetween(plan, before, after, telling)).toMatchObject([
      {
        type: 'service_completed',
        durationMs: 700,
        servicesCompleted: ['db'],
        servicesRemaining: ['app'],
        progressPercentage: 50,
        message: 'Database is ready after 700 ms. 1 to go.',
      },
    ]);
  });

  test('a failed attempt is told with its retry, the last one without', () => {
    const before = state(record(db, 1, { state: 'starting', attempt: 1 }));
    const again = applyRecord(before, record(db, 2, { state: 'queued', attempt: 1, failure, notBefore: now + 120 }));
    const [retry, queued] = framesBetween(plan, before, again, telling);
    expect(retry).toMatchObject({ type: 'service_failed', willRetry: true, retryInMs: 120, attempt: 1 });
    expect(queued).toMatchObject({
      phase: 'queued',
      attempt: 2,
      message: 'Database waits for its turn to start (attempt 2).',
    });
    const last = applyRecord(again, record(db, 3, { state: 'failed', attempt: 1, failure, cooldownUntil: now + 1000 }));
    expect(framesBetween(plan, again, last, telling)).toMatchObject([{ type: 'service_failed', willRetry: false }]);
  });

  test('one who joins is told the present step of each service', () => {
    const joined = snapshotFrames(
      plan,
      state(record(db, 1, { state: 'starting', attempt: 2 }), record(app, 2, { state: 'waiting' })),
      telling,
    );
    expect(joined).toMatchObject([
      { service: 'db', attempt: 2 },
      { service: 'app', phase: 'waiting', waitingFor: ['Database'], message: 'App waits for Database.' },
    ]);
  });

  test('older news changes nothing, and neither does a lower generation', () => {
    const known = state(record(db, 5, { state: 'ready', generation: 7 }));
    expect(applyRecord(known, record(db, 4, { state: 'starting', generation: 7 }))).toBe(known);
    expect(applyRecord(known, record(db, 9, { state: 'ready', generation: 6 }))).toBe(known);
  });

  test('log lines reach only the roles that the entrypoint names', () => {
    const secretive = { ...failure, logTail: ['stack'] };
    expect(failureFor(secretive, ['user'], ['operator'])).not.toHaveProperty('logTail');
    expect(failureFor(secretive, ['operator'], ['operator'])).toHaveProperty('logTail');
  });

  test('every frame is one of the protocol', () => {
    const before = state(record(app, 2, { state: 'waiting' }));
    const after = applyRecord(before, record(db, 3, { state: 'ready' }));
    const frames = [
      startedFrame(plan, before, 'cold', { ...telling, expectedMs: () => 100 }),
      ...snapshotFrames(plan, before, telling),
      ...framesBetween(plan, before, after, telling),
      slowFrame(plan, before, telling, 900),
      completedFrame(telling),
      completedFrame({ traceId: telling.traceId, startedAt: now, now }),
      failedFrame(failure, 1000, telling),
    ];
    for (const frame of frames) expect(serverFrame.parse(frame)).toEqual(frame);
  });
});

describe('the status of a plan', () => {
  test('ready only when every instance is', () => {
    const all = state(record(db, 1, { state: 'ready' }), record(app, 2, { state: 'ready' }));
    expect(planStatus(plan, all, now).status).toBe('ready');
    expect(planStatus(plan, state(record(app, 2, { state: 'ready' })), now)).toEqual({
      status: 'initializing',
      missing: [db],
    });
  });

  test('of several failures the first is the cause, and the last to cool down says when', () => {
    const both = state(
      record(db, 1, { state: 'failed', failure, cooldownUntil: now + 1000 }),
      record(app, 2, { state: 'failed', failure: { ...failure, name: 'App' }, cooldownUntil: now + 3000 }),
    );
    expect(planStatus(plan, both, now)).toEqual({ status: 'failed', failure, retryAfterMs: 3000 });
  });

  test('failed while any failure cools down; afterwards it may be started again', () => {
    const failed = state(record(db, 1, { state: 'failed', failure, cooldownUntil: now + 700 }));
    expect(planStatus(plan, failed, now)).toEqual({ status: 'failed', failure, retryAfterMs: 700 });
    expect(planStatus(plan, failed, now + 700).status).toBe('initializing');
  });

  test('failed for those who wait in the initialization that failed, however late they hear of it', () => {
    const origin = { initialization: 'first', traceparent: `00-${'b'.repeat(32)}-${'c'.repeat(16)}-01` };
    const failed = state(record(db, 1, { state: 'failed', failure, cooldownUntil: now + 50, origin }));
    expect(planStatus(plan, failed, now + 700, 'first')).toEqual({ status: 'failed', failure, retryAfterMs: 0 });
    expect(planStatus(plan, failed, now + 700, 'second').status).toBe('initializing');
  });

  test('one who joins takes over the initialization that is under way and its beginning', () => {
    const origin = { initialization: 'first', traceparent: `00-${'b'.repeat(32)}-${'c'.repeat(16)}-01` };
    const underWay = state(record(db, 1, { state: 'starting', origin, timings: { wantedAt: now - 4000 } }));
    expect(originOf(plan, underWay)).toEqual(origin);
    expect(startedAtOf(plan, underWay)).toBe(now - 4000);
    expect(originOf(plan, state(record(db, 1, { state: 'ready', origin })))).toBeUndefined();
  });

  test('the remaining time follows the critical path once every service has a history', () => {
    const expectedMs = (service: string) => (service === 'db' ? 1000 : 500);
    const none = startedFrame(plan, new Map(), 'cold', { ...telling, expectedMs });
    expect(none.etaMs).toBe(1500);
    const half = state(record(db, 1, { state: 'starting', timings: { claimedAt: now - 400 } }));
    expect(startedFrame(plan, half, 'joined', { ...telling, expectedMs }).etaMs).toBe(1100);
    expect(startedFrame(plan, half, 'joined', telling).etaMs).toBeUndefined();
  });
});
