import type { ServiceName } from '@reveille/contracts';
import { criticalPath, type Plan, type PlanState, type Timelines } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';

/** How old what is known may be before a cold start asks for it anew. */
const staleMs = 30_000;

/** How long services usually take to start, from the timelines. Asked together with the ledger: no user waits for a forecast. */
export class Expectations {
  readonly #timelines: Timelines;
  readonly #logger: Logger;
  /** Sorted durations, bounded by the services of the catalog and 50 each. */
  readonly #known = new Map<string, { sorted: readonly number[]; at: number }>();
  #asking = false;

  constructor(timelines: Timelines, logger: Logger) {
    this.#timelines = timelines;
    this.#logger = logger;
  }

  /** Asks for what is unknown or stale. Never rejects: without a forecast there is none in the frames. */
  async refresh(services: readonly ServiceName[]): Promise<void> {
    const now = performance.now();
    const stale = services.filter((service) => {
      const { sorted = [], at = 0 } = this.#known.get(service) ?? {};
      return sorted.length === 0 || now - at > staleMs;
    });
    if (this.#asking || stale.length === 0) return;
    this.#asking = true;
    try {
      const durations = await this.#timelines.durations(stale);
      for (const service of stale) {
        const sorted = (durations.get(service) ?? []).toSorted((a, b) => a - b);
        this.#known.set(service, { sorted, at: performance.now() });
      }
    } catch (error) {
      this.#logger.debug({ err: error }, 'the durations of earlier starts could not be read');
    } finally {
      this.#asking = false;
    }
  }

  /** The median. */
  expectedMs = (service: ServiceName): number | undefined => this.#quantile(service, 0.5);

  /** What 95 of 100 starts of all that is not ready yet stay below; undefined while a service of that has no history. */
  p95Ms(plan: Plan, state: PlanState): number | undefined {
    const ready = new Set(
      plan.instances.filter(({ instance }) => state.get(instance)?.state === 'ready').map(({ service }) => service),
    );
    const path = criticalPath(plan, (service) => (ready.has(service) ? 0 : this.#quantile(service, 0.95)));
    return path.unknown.length === 0 ? path.totalMs : undefined;
  }

  #quantile(service: ServiceName, share: number): number | undefined {
    const sorted = this.#known.get(service)?.sorted ?? [];
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  }
}
