import { journalEntry, type ServerFrame } from '@reveille/contracts';
import type { HistoryEntry, Ran } from '../../src/history/entry.ts';
import { hashOf } from '../../src/history/hash.ts';

type Rest<T> = T extends { at: number } ? Omit<T, 'at'> : never;
export type Step = Rest<HistoryEntry>;

/** One step each 100 ms. */
export function historyOf(steps: readonly Step[], everyMs = 100): HistoryEntry[] {
  return steps.map((step, index) => ({ at: 1_000_000 + index * everyMs, ...revised(step, index) }) as HistoryEntry);
}

/** Commits in the order in which they stand. */
function revised(step: Step, index: number): Step {
  if (step.did !== 'commit') return step;
  return { ...step, entry: { ...step.entry, record: { ...step.entry.record, revision: index + 1 } } };
}

export const run: Ran = { service: 'app', instance: 'app~global', generation: 5, pid: 10 };
export const reply = { echo: 'hello' };

export function commit(change: string, state: string, { generation = 5, instance = run.instance } = {}): Step {
  const entry = journalEntry.parse({
    version: 1,
    change,
    at: 1,
    record: {
      version: 1,
      instance,
      service: 'app',
      scope: { kind: 'global' },
      scopeKey: 'global',
      catalog: 'c',
      revision: 0,
      state,
      generation,
      attempt: 1,
      epoch: generation,
      dependencies: [],
      dependents: [],
      timings: {},
    },
  });
  return { did: 'commit', entry };
}

const told = { at: 1, message: 'x' };
export const frames = {
  welcome: (session = 's1', { resumed = false, ...of }: { resumed?: boolean; lastAccepted?: string } = {}) =>
    ({
      ...{ type: 'welcome', session, resumeKey: 'k', resumed, entrypoint: 'chat', user: 'ann', heartbeatMs: 1, ...of },
      limits: { messageBytes: 1, heldMessages: 1, heldBytes: 1, messagesPerSecond: 1 },
    }) as const,
  started: (initialization = 'i1', deadlineMs = 1_000) =>
    ({
      ...{
        type: 'initialization_started',
        initialization,
        traceId: 't',
        reason: 'cold',
        services: [],
        totalServices: 1,
      },
      ...{ deadlineMs, elapsedMs: 0, ...told },
    }) as const,
  initializing: (generation = 5, elapsedMs = 10) =>
    ({
      ...{ type: 'service_initializing', service: 'app', name: 'App', generation, attempt: 1, phase: 'starting' },
      ...{ elapsedMs, ...told },
    }) as const,
  done: (generation = 5, elapsedMs = 20) =>
    ({
      ...{ type: 'service_completed', service: 'app', name: 'App', generation, durationMs: 1, servicesCompleted: [] },
      ...{ servicesRemaining: [], progressPercentage: 100, elapsedMs, ...told },
    }) as const,
  completed: (initialization = 'i1', elapsedMs = 30) =>
    ({ type: 'initialization_completed', initialization, traceId: 't', elapsedMs, ...told }) as const,
  accepted: (id = 'm1') => ({ type: 'accepted', id }) as const,
  message: (data: unknown = reply, seq = 1, generation = 5) =>
    ({ type: 'message', seq, data, origin: { service: 'app', generation }, re: 'm1', final: true }) as ServerFrame,
  interrupted: (...ids: string[]) => ({ type: 'interrupted', reason: 'service_lost', ids }) as const,
} satisfies Record<string, (...args: never[]) => ServerFrame>;

export function hears(frame: ServerFrame, socket = 'ann#1'): Step {
  return { did: 'frame', socket, frame };
}

export function comes(user = 'ann', socket = 'ann#1', edge = 'edge 0'): Step {
  return { did: 'connect', socket, edge, user, tenant: 'acme' };
}

export function emits(data: unknown = reply, of: Partial<Ran & { session: string; by: string }> = {}): Step {
  const { session = 's1', by = 'ann', ...ran } = of;
  return { did: 'emit', ...run, ...ran, session, of: { user: by, tenant: 'acme' }, hash: hashOf(data) };
}

export function takes(of: Partial<Ran & { session: string; id: string }> = {}): Step {
  return { did: 'take', ...run, session: 's1', id: 'm1', ...of };
}

/** A start, a question and its answer, as they should be. */
export const goodSteps: readonly Step[] = [
  comes(),
  hears(frames.welcome()),
  { did: 'send', socket: 'ann#1', id: 'm1' },
  commit('wanted', 'waiting'),
  hears(frames.started()),
  commit('claimed', 'starting'),
  { did: 'start', ...run },
  hears(frames.initializing()),
  { did: 'look', runs: [{ instance: run.instance, generation: 5, pid: 10 }] },
  { did: 'ready', ...run },
  commit('ready', 'ready'),
  hears(frames.done()),
  hears(frames.completed()),
  takes(),
  hears(frames.accepted()),
  emits(),
  hears(frames.message()),
  commit('stopping', 'stopping'),
  { did: 'term', ...run },
  commit('stopped', 'cold'),
  { did: 'end' },
];
