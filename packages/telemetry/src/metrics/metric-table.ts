import type { MetricDeclaration } from './metric-declaration.ts';
import { operationMetrics } from './operation-table.ts';

/** Every metric of our own, by the key that the code uses: the names are those of Prometheus and of OTLP. `docs/metrics.md` is made of it. */
export const METRIC = {
  sessions: {
    kind: 'gauge',
    name: 'reveille_sessions',
    help: 'Sessions that are open on this edge.',
    labels: [],
    of: ['edge'],
  },
  waiters: {
    kind: 'gauge',
    name: 'reveille_waiters',
    help: 'Sessions of this edge that wait for an initialization.',
    labels: [],
    of: ['edge'],
  },
  progressAgeMs: {
    kind: 'gauge',
    name: 'reveille_progress_age_ms',
    help: 'Milliseconds since those who wait longest without news were last told of progress; 0 while nobody waits. That it takes longer than usual is none.',
    labels: [],
    of: ['edge'],
  },
  waitsAbandoned: {
    kind: 'counter',
    name: 'reveille_waits_abandoned_total',
    help: 'Waits that their user ended (left, or cancelled) before they were ready or failed, by entrypoint.',
    labels: ['entrypoint'],
    of: ['edge'],
  },
  connections: {
    kind: 'counter',
    name: 'reveille_connections_total',
    help: 'Connections that have ended, by how they ended and the close code sent or received.',
    labels: ['outcome', 'close_code'],
    of: ['edge'],
  },
  initializations: {
    kind: 'counter',
    name: 'reveille_initializations_total',
    help: 'Initializations that have ended, by entrypoint and outcome: warm, completed, or the code of the failure.',
    labels: ['entrypoint', 'outcome'],
    of: ['edge'],
  },
  blockedFrames: {
    kind: 'counter',
    name: 'reveille_blocked_frames_total',
    help: 'Frames of upstreams that were blocked as no authentic answer, by entrypoint and the rule that they broke.',
    labels: ['entrypoint', 'rule'],
    of: ['edge'],
  },
  limitsHit: {
    kind: 'counter',
    name: 'reveille_limits_hit_total',
    help: 'What was refused because a limit was reached, by the limit.',
    labels: ['limit'],
    of: ['edge', 'initializer'],
  },
  attempts: {
    kind: 'counter',
    name: 'reveille_attempts_total',
    help: 'Attempts to start an instance that were claimed, by service.',
    labels: ['service'],
    of: ['initializer'],
  },
  starts: {
    kind: 'counter',
    name: 'reveille_starts_total',
    help: 'Attempts to start an instance that have ended, by service, outcome (ready, or the code of the failure) and the phase that they ended in.',
    labels: ['service', 'outcome', 'phase'],
    of: ['initializer'],
  },
  startDurationMs: {
    kind: 'histogram',
    name: 'reveille_start_duration_ms',
    help: 'Time from the claim of an attempt to the committed ready, in milliseconds.',
    labels: ['service'],
    of: ['initializer'],
    buckets: [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000],
  },
  lost: {
    kind: 'counter',
    name: 'reveille_lost_total',
    help: 'Ready instances that ended or stopped answering by themselves, by service.',
    labels: ['service'],
    of: ['initializer'],
  },
  updates: {
    kind: 'counter',
    name: 'reveille_updates_total',
    help: 'Attempts to start the next generation of a ready instance beside it (`update: rolling`) that have ended, by service and outcome (ready, or the code of the failure).',
    labels: ['service', 'outcome'],
    of: ['initializer'],
  },
  consumerStuck: {
    kind: 'gauge',
    name: 'reveille_consumer_stuck',
    help: '1 while this initializer has room but its consumer takes none of the jobs that wait, or does not even fetch, else 0.',
    labels: [],
    of: ['initializer'],
  },
  journalPublished: {
    kind: 'counter',
    name: 'reveille_journal_published_total',
    help: 'Publishes of journal entries to interested edges.',
    labels: [],
    of: ['relay'],
  },
  relayLagMs: {
    kind: 'histogram',
    name: 'reveille_relay_lag_ms',
    help: 'Time from a journal entry being appended to its publish, in milliseconds.',
    labels: [],
    of: ['relay'],
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000],
  },
  ...operationMetrics,
} as const satisfies Record<string, MetricDeclaration>;

/** Metrics of the process itself, which `prom-client` names; those of them that alerts and dashboard use. */
export const PROCESS_METRIC = {
  eventLoopDelay: {
    kind: 'gauge',
    name: 'nodejs_eventloop_lag_p99_seconds',
    help: 'Delay of the event loop, 99th percentile since the last reading, in seconds.',
    labels: [],
    of: ['edge', 'initializer', 'relay'],
  },
  memory: {
    kind: 'gauge',
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the process, in bytes.',
    labels: [],
    of: ['edge', 'initializer', 'relay'],
  },
  cpu: {
    kind: 'counter',
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the process, in seconds.',
    labels: [],
    of: ['edge', 'initializer', 'relay'],
  },
} as const satisfies Record<string, MetricDeclaration>;
