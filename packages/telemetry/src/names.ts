/** Every span name. A span name has few values; what varies goes into attributes. */
export const SPAN = {
  /** One run of a plan, as users see it: from the first missing instance to ready or failed (edge; relay, when the edge died). */
  initialization: 'reveille.initialization',
  /** One user waits for an initialization: a trace of its own, linked to that of the initialization (edge; relay, when the edge died). */
  wait: 'reveille.wait',
  /** A message or session on its way to the real service (edge). */
  upstream: 'reveille.upstream',
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
