import type { MetricDeclaration } from './metric-declaration.ts';

/** What waits in Redis, read by each relay for its page, and what operators and their programs do: rows of the table of metrics. */
export const operationMetrics = {
  queueJobs: {
    kind: 'gauge',
    name: 'reveille_queue_jobs',
    help: 'Jobs of a queue, by queue and state: waiting, prioritized, delayed, active.',
    labels: ['queue', 'state'],
    of: ['relay'],
  },
  queueDepth: {
    kind: 'gauge',
    name: 'reveille_queue_depth',
    help: 'Jobs of a queue in all states that still have to be done (waiting, prioritized, delayed and active together), by queue.',
    labels: ['queue'],
    of: ['relay'],
  },
  queueAgeMs: {
    kind: 'gauge',
    name: 'reveille_queue_age_ms',
    help: 'How long the job has waited that is taken next, by queue, in milliseconds; 0 while none waits.',
    labels: ['queue'],
    of: ['relay'],
  },
  startDemand: {
    kind: 'gauge',
    name: 'reveille_start_demand',
    help: 'Starts that wait in line or are under way over all initializers, and jobs of all queues: the one number to scale initializers on.',
    labels: [],
    of: ['relay'],
  },
  journalUnread: {
    kind: 'gauge',
    name: 'reveille_journal_unread',
    help: 'Journal entries that no relay has read or acknowledged, over all partitions.',
    labels: [],
    of: ['relay'],
  },
  journalTrimmed: {
    kind: 'counter',
    name: 'reveille_journal_trimmed_total',
    help: 'Journal entries that were trimmed before they were handled, by state: unread, or unacknowledged by the relay that took them. Redis 6.2 does not say how many were unread: one is counted for each time.',
    labels: ['state'],
    of: ['relay'],
  },
  pauses: {
    kind: 'gauge',
    name: 'reveille_paused',
    help: 'Services and entrypoints that an operator has paused, by kind.',
    labels: ['kind'],
    of: ['relay'],
  },
  adminActions: {
    kind: 'counter',
    name: 'reveille_admin_actions_total',
    help: 'Actions of the admin API, by action and outcome (done, refused, failed).',
    labels: ['action', 'outcome'],
    of: ['relay'],
  },
  webhooks: {
    kind: 'counter',
    name: 'reveille_webhooks_total',
    help: 'Deliveries of webhooks, by event and outcome: delivered, failed (tried again), dead (given up).',
    labels: ['event', 'outcome'],
    of: ['relay'],
  },
  catalogReloads: {
    kind: 'counter',
    name: 'reveille_catalog_reloads_total',
    help: 'Changed catalogs that were read, by outcome: taken, refused.',
    labels: ['outcome'],
    of: ['edge', 'initializer', 'relay'],
  },
} as const satisfies Record<string, MetricDeclaration>;
