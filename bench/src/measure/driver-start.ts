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
    const began = performance.now();
    return (await this.#ready()).readyAt - began;
  }

  /** From the first line that it says, that it listens, until it is noticed to be ready (ms). It is stopped again. */
  async noticed(): Promise<number> {
    const { listensAt, readyAt } = await this.#ready();
    if (listensAt === undefined) throw new Error('it never said that it listens');
    return Math.max(0, readyAt - listensAt);
  }

  async #ready(): Promise<{ listensAt: number | undefined; readyAt: number }> {
    const { signal } = this.#of;
    const request = this.#request();
    let listensAt: number | undefined;
    const running = await this.#driver.start(request, { signal, progress: () => undefined, unclaimed: true });
    running.onLine(() => (listensAt ??= performance.now()));
    const reports = { ready: () => undefined, onReady: () => () => undefined };
    await untilReady({ probe: request.spec.ready, running, endpoint: () => running.endpoint, reports, signal });
    const readyAt = performance.now();
    await this.#driver.stop(request, { graceMs: 5000, signal });
    return { listensAt, readyAt };
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
