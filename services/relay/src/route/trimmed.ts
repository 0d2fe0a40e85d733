import type { Members, Router, Trimmed } from '@reveille/orchestration';
import type { Logger, Metrics } from '@reveille/telemetry';

/** Counts entries that will never be routed, and has every edge read its plans again: for whom they were is not known. */
export function tellOfTrimmed(of: { router: Router; members: Members; metrics: Metrics; logger: Logger }) {
  const counter = of.metrics.counter('journalTrimmed');
  // What never happened is there as 0, so that the first time is an increase.
  for (const state of ['unread', 'unacknowledged']) counter.inc({ state }, 0);
  return async (trimmed: readonly Trimmed[]): Promise<void> => {
    for (const { state, entries } of trimmed) counter.inc({ state }, entries ?? 1);
    const edges = (await of.members.alive()).filter(({ kind }) => kind === 'edge');
    await Promise.all(
      edges.map(({ id }) =>
        of.router.publishGap(id).catch((error: unknown) => {
          of.logger.warn({ edge: id, err: error }, 'an edge could not be told of trimmed entries');
        }),
      ),
    );
  };
}
