import type { EdgeId, Router } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import type { PlanGroups } from './plan-groups.ts';

/** The one subscription of an edge: changes of what it is interested in, and the news that some may have been missed. */
export function subscribe(of: {
  edge: EdgeId;
  router: Router;
  groups: PlanGroups;
  logger: Logger;
}): Promise<AsyncDisposable> {
  const { edge, router, groups, logger } = of;
  return router.subscribe(edge, {
    onEntry: ({ record }) => groups.apply(record),
    onGap: (reason) => {
      logger.info({ reason }, 'changes may have been missed; reading all plans again');
      groups.rereadAll().catch((error: unknown) => {
        logger.warn({ err: error }, 'plans could not be read after a gap; those with waiters are read again shortly');
      });
    },
  });
}
