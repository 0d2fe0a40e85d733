/** Every span name. A span name has few values; what varies goes into attributes. */
export const SPAN = {
  /** One run of a plan, as one waiting user sees it: from the first missing instance to ready or failed (edge). */
  initialization: 'reveille.initialization',
  /** One user waits for an initialization: a trace of its own, linked to that of the initialization (edge). */
  wait: 'reveille.wait',
  /** A message or session on its way to the real service (edge). */
  upstream: 'reveille.upstream',
  /** One look at what is wanted against what is (initializer). */
  reconcile: 'reveille.reconcile',
  /** An instance waits for what it needs, and for its turn: from its timeline (relay). */
  waiting: 'reveille.waiting',
  queued: 'reveille.queued',
  /** One attempt to start an instance (initializer; relay, when the initializer died). */
  start: 'reveille.start',
  /** The probes of an attempt until ready (initializer). */
  probe: 'reveille.probe',
  /** Stopping a generation (initializer). */
  stop: 'reveille.stop',
  /** Handing a journal entry to the interested edges (relay). */
  route: 'reveille.route',
} as const;

/** Every span attribute and log field of our own. Others are OpenTelemetry's semantic names. */
export const ATTRIBUTE = {
  service: 'reveille.service',
  instance: 'reveille.instance',
  generation: 'reveille.generation',
  attempt: 'reveille.attempt',
  epoch: 'reveille.epoch',
  entrypoint: 'reveille.entrypoint',
  initialization: 'reveille.initialization',
  session: 'reveille.session',
  edge: 'reveille.edge',
  partition: 'reveille.partition',
  outcome: 'reveille.outcome',
  failureCode: 'reveille.failure_code',
} as const;

/** How a metric is declared. Labels must have few values: never a user, tenant, session, instance or trace. */
export interface MetricDeclaration {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in the unit that the name ends with. */
  readonly buckets?: readonly number[];
}

/** Every metric of our own, by the key that the code uses. */
export const METRIC = {
  sessions: { kind: 'gauge', name: 'reveille_sessions', help: 'Sessions that are open on this edge.', labels: [] },
  waiters: {
    kind: 'gauge',
    name: 'reveille_waiters',
    help: 'Sessions of this edge that wait for an initialization.',
    labels: [],
  },
  connections: {
    kind: 'counter',
    name: 'reveille_connections_total',
    help: 'Connections that have ended, by how they ended and the close code sent or received.',
    labels: ['outcome', 'close_code'],
  },
  initializations: {
    kind: 'counter',
    name: 'reveille_initializations_total',
    help: 'Initializations that have ended, by entrypoint and outcome.',
    labels: ['entrypoint', 'outcome'],
  },
  starts: {
    kind: 'counter',
    name: 'reveille_starts_total',
    help: 'Attempts to start an instance that have ended, by service and outcome.',
    labels: ['service', 'outcome'],
  },
  startDurationMs: {
    kind: 'histogram',
    name: 'reveille_start_duration_ms',
    help: 'Time from the claim of an attempt to the committed ready, in milliseconds.',
    labels: ['service'],
    buckets: [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000],
  },
  blockedFrames: {
    kind: 'counter',
    name: 'reveille_blocked_frames_total',
    help: 'Frames of upstreams that were blocked, by entrypoint and the rule that they broke.',
    labels: ['entrypoint', 'rule'],
  },
  journalPublished: {
    kind: 'counter',
    name: 'reveille_journal_published_total',
    help: 'Publishes of journal entries to interested edges.',
    labels: [],
  },
  relayLagMs: {
    kind: 'histogram',
    name: 'reveille_relay_lag_ms',
    help: 'Time from a journal entry being appended to its publish, in milliseconds.',
    labels: [],
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000],
  },
} as const satisfies Record<string, MetricDeclaration>;
