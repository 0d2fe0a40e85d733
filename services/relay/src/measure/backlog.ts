import type { RedisBroker } from '@reveille/broker';
import type { Metrics } from '@reveille/telemetry';

/** Readings closer together than this are one, milliseconds: several collectors cost Redis no more than one. */
const freshMs = 1_000;

/** What waits in Redis, on the page of each relay: scaling and alerts go by it also when no initializer is left to tell. */
export function measureBacklog({
  broker,
  metrics,
}: {
  broker: Pick<RedisBroker, 'backlog' | 'operations'>;
  metrics: Metrics;
}): void {
  let readAt = Number.NEGATIVE_INFINITY;
  metrics.beforeRead(async () => {
    if (performance.now() - readAt < freshMs) return;
    readAt = performance.now();
    const [{ queues, inLine, underWay, unreadEntries }, pauses] = await Promise.all([
      broker.backlog(),
      broker.operations.pauses(),
    ]);
    for (const { queue, ageMs, ...counts } of queues) {
      const states = Object.entries(counts);
      for (const [state, count] of states) metrics.gauge('queueJobs').set({ queue, state }, count);
      metrics.gauge('queueDepth').set({ queue }, sum(states.map(([, count]) => count)));
      metrics.gauge('queueAgeMs').set({ queue }, ageMs);
    }
    const jobsOf = (name: string): number => {
      const {
        waiting = 0,
        prioritized = 0,
        delayed = 0,
        active = 0,
      } = queues.find(({ queue }) => queue === name) ?? {};
      return waiting + prioritized + delayed + active;
    };
    // A start in line and the job that wakes a place for it are one; webhooks are no work of initializers.
    metrics.gauge('startDemand').set(jobsOf('reconcile') + Math.max(jobsOf('start'), inLine + underWay));
    metrics.gauge('journalUnread').set(unreadEntries);
    for (const kind of ['service', 'entrypoint'])
      metrics.gauge('pauses').set({ kind }, pauses.filter(({ target }) => target.kind === kind).length);
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
