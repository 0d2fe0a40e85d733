import { type InstanceKey, type ScopeKey, service, type ServiceName } from '@reveille/contracts';
import { untilReady } from '@reveille/drivers';
import type { Driver, StartRequest } from '@reveille/orchestration';

/** Starts services of one kind by a driver, one after the other. What `ours` of a figure about a driver measures. */
export class DriverStart {
  readonly #driver: Driver;
  readonly #of: { spec: unknown; catalogDir: string; signal: AbortSignal };
  #generation = 0;

  /** @param of its entry in the catalog, and the folder that this is relative to */
  constructor(driver: Driver, of: { spec: unknown; catalogDir: string; signal: AbortSignal }) {
    this.#driver = driver;
    this.#of = of;
  }

  /** From `driver.start` until it is ready (ms). It is stopped again. */
  async measure(): Promise<number> {
    const { signal } = this.#of;
    const request = this.#request();
    const began = performance.now();
    const running = await this.#driver.start(request, { signal, progress: () => undefined, unclaimed: true });
    const reports = { ready: () => undefined, onReady: () => () => undefined };
    await untilReady({ probe: request.spec.ready, running, endpoint: () => running.endpoint, reports, signal });
    const took = performance.now() - began;
    await this.#driver.stop(request, { graceMs: 5000, signal });
    return took;
  }

  #request(): StartRequest {
    const generation = (this.#generation += 1);
    return {
      name: `reveille-subject-global-${generation}`,
      instance: 'subject~global' as InstanceKey,
      service: 'subject' as ServiceName,
      generation,
      spec: service.parse(this.#of.spec),
      catalogDir: this.#of.catalogDir,
      values: { scopeKey: 'global' as ScopeKey, generation, deps: new Map() },
      environment: {},
    };
  }
}
