import {
  globalScopeKey,
  type InstanceKey,
  type JournalEntry,
  type LedgerRecord,
  type ScopeKey,
  type ServiceName,
} from '@reveille/contracts';
import {
  explain,
  type Explanation,
  type InstanceTimeline,
  instanceTimeline,
  type RunInstance,
} from '@reveille/orchestration';

const names = [
  ...['Configuration', 'Secrets vault', 'Message bus', 'Conversations', 'User directory', 'Object storage'],
  ...['Search index', 'Feature flags', 'Billing ledger', 'Embedding model', 'Vector database', 'Session cache'],
  ...[
    'Document parser',
    'Retrieval',
    'Tool runner',
    'Rate limiter',
    'Moderation',
    'Language model',
    'Planner',
    'Agent',
  ],
];
const begin = Date.UTC(2026, 0, 5, 9, 30);

/** A run of twenty services, the conversations of which open their database for a long time. */
export function sampleRun(count = names.length): Explanation {
  const timelines = new Map<InstanceKey, InstanceTimeline[]>();
  const instances: RunInstance[] = [];
  for (let index = 0; index < count; index++) {
    const key = `s${index}~global` as InstanceKey;
    const needs =
      index === 0
        ? []
        : index === count - 1
          ? range(Math.max(0, index - 6), index)
          : [...new Set([Math.floor(index / 2), (index * 7) % index])];
    const dependencies = needs.map((need) => `s${need}~global` as InstanceKey);
    instances.push({
      instance: key,
      service: `s${index}` as ServiceName,
      name: names[index] ?? `Service ${index}`,
      dependencies,
    });
    const queued = Math.max(begin, ...dependencies.map((need) => timelines.get(need)?.[0]?.to ?? 0)) + (index % 3) * 4;
    const claimed = queued + (index % 5) * 30;
    const opening = claimed + 90 + (index % 4) * 40;
    const ready = opening + (index === 3 ? 2800 : 120 + ((index * 83) % 400));
    const entry = (change: JournalEntry['change'], at: number, more: Partial<LedgerRecord>): JournalEntry => ({
      version: 1,
      change,
      at,
      record: {
        ...{
          version: 1,
          instance: key,
          service: `s${index}` as ServiceName,
          scope: { kind: 'global' },
          scopeKey: globalScopeKey,
        },
        ...{
          catalog: 'c',
          revision: at,
          state: 'waiting',
          generation: 1,
          attempt: 0,
          epoch: 1,
          dependencies,
          dependents: [],
        },
        timings: { wantedAt: begin },
        ...more,
      },
    });
    const detail = index === 3 ? 'opening its database' : 'loading what it needs';
    const entries = [
      entry('wanted', begin, {}),
      entry('queued', queued, { state: 'queued' }),
      entry('claimed', claimed, { state: 'starting', attempt: 1 }),
      entry('progress', opening, { state: 'starting', attempt: 1, progress: { phase: 'opening', detail } }),
      entry('ready', ready, { state: 'ready', attempt: 1 }),
    ];
    timelines.set(key, [instanceTimeline(entries, ready) as InstanceTimeline]);
  }
  const target = instances.at(-1)?.instance as InstanceKey;
  const to = (timelines.get(target)?.[0]?.to ?? begin) + 35;
  return explain(
    {
      head: {
        ...{ initialization: 'f6f6e9a2-5a0e-4b8e-9d9d-6f6a3a7d1c55', traceId: 'ab'.repeat(16), entrypoint: 'chat' },
        traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`,
        ...{ target, instances, startedAt: begin, promisedMs: 4000 },
      },
      end: { at: to - 35, outcome: 'ready' },
      others: [],
      generations: new Map(),
      positions: new Map(),
      waits: [{ session: 's-1', user: 'u1' as ScopeKey, edge: 'e1', from: begin, to, outcome: 'connected' }],
      unlisted: 0,
    },
    timelines,
    to,
  );
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
