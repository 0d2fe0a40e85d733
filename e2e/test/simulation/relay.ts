import { startRouting } from '@reveille/relay';
import type { Logger, Metrics } from '@reveille/telemetry';
import type { RoutingChecker } from './check/routing-checker.ts';
import { Deployable, passing } from './deployable.ts';

/** A relay as it is, without its network. */
export class SimRelay extends Deployable {
  readonly kind = 'relay';

  async start({ checker, logger, metrics }: { checker: RoutingChecker; logger: Logger; metrics: Metrics }) {
    const broker = passing(this.process, this.broker);
    const { router, journal } = broker;
    await startRouting(this.scope, {
      id: this.id,
      also: undefined,
      logger,
      metrics,
      broker: {
        ...broker,
        router: {
          ...router,
          publish: (edge, entries) => {
            checker.published(this.id, edge, entries);
            return router.publish(edge, entries);
          },
        },
        journal: {
          consume: (id, onEntries, onTrimmed) =>
            journal.consume(
              id,
              async (entries) => {
                checker.handed(this.id, entries);
                await onEntries(entries);
                checker.routed(this.id, entries);
              },
              onTrimmed,
            ),
        },
      },
    });
  }
}
