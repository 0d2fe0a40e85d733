import { sleep } from '@reveille/lifecycle';
import { DriverError, type RunName } from '@reveille/orchestration';
import { parseRunName } from '../run-name.ts';
import { labels } from './container-plan.ts';
import { type Engine, EngineRefusal } from './engine.ts';

/** Pause between looks at a container that the Engine is removing, milliseconds. */
const LOOK_MS = 50;
/** How long the Engine may take to end and remove a container beyond the grace of its service, milliseconds. */
const REMOVE_MS = 20_000;

/** Of `GET /containers/{id}/json` what is used here. */
export type Container = {
  Id: string;
  State: { Status: string; Running: boolean; ExitCode: number; OOMKilled?: boolean };
  Config: { Labels?: Record<string, string> | null; Env?: string[] | null };
  NetworkSettings: {
    Networks?: Record<string, { IPAddress?: string }> | null;
    Ports?: Record<string, { HostPort?: string }[] | null> | null;
  };
};

/** The containers of one deployment. Those of others under the same Engine are left alone. */
export class Containers {
  readonly #engine: Engine;
  readonly #namespace: string;

  constructor(engine: Engine, namespace: string) {
    this.#engine = engine;
    this.#namespace = namespace;
  }

  /** The container of this name or id on the Engine; undefined when there is none. */
  async inspect(name: string, signal: AbortSignal): Promise<Container | undefined> {
    try {
      return (await this.#engine.call({ path: `/containers/${encodeURIComponent(name)}/json`, signal })) as Container;
    } catch (error) {
      if (error instanceof EngineRefusal && error.status === 404) return undefined;
      throw error;
    }
  }

  /**
   * What the container of a run is called: names are one to an Engine, so that those of other deployments say whose they are.
   * `reveille` is the namespace of whoever gives none.
   */
  nameOf(run: string): string {
    return this.#namespace === 'reveille' ? run : `${this.#namespace}.${run}`;
  }

  /** The container of this run; undefined when there is none. */
  find(run: string, signal: AbortSignal): Promise<Container | undefined> {
    return this.inspect(this.nameOf(run), signal);
  }

  isOurs(container: Container, name: string): boolean {
    const found = container.Config.Labels ?? {};
    return found[labels.namespace] === this.#namespace && found[labels.run] === name;
  }

  /** All of the deployment, also what has ended and was not removed yet. */
  async list(signal: AbortSignal): Promise<RunName[]> {
    const filters = JSON.stringify({ label: [`${labels.namespace}=${this.#namespace}`] });
    const found = (await this.#engine.call({
      path: '/containers/json',
      query: { all: 'true', filters },
      signal,
    })) as { Labels?: Record<string, string>; State?: string }[];
    return found
      .filter(({ State }) => State !== 'removing')
      .flatMap(({ Labels }) => parseRunName(Labels?.[labels.run] ?? '') ?? []);
  }

  /** Asks it to end, ends it by force when its grace is over, and removes it with its unnamed volumes. */
  async end(name: string, graceMs: number, signal: AbortSignal): Promise<void> {
    const found = await this.find(name, signal);
    if (found === undefined || !this.isOurs(found, name)) return;
    if (found.State.Running) {
      const query = { t: Math.ceil(graceMs / 1000).toString() };
      const path = `/containers/${found.Id}/stop`;
      await absentIsFine(this.#engine.call({ method: 'POST', path, query, signal, timeoutMs: graceMs + REMOVE_MS }));
    }
    await this.remove(found.Id, signal);
  }

  /** Resolves when the container is gone; whoever removes it. */
  async remove(id: string, signal: AbortSignal): Promise<void> {
    const query = { force: 'true', v: 'true' };
    const until = performance.now() + REMOVE_MS;
    for (;;) {
      try {
        await this.#engine.call({ method: 'DELETE', path: `/containers/${id}`, query, signal });
        return;
      } catch (error) {
        if (!(error instanceof EngineRefusal)) throw error;
        if (error.status === 404) return;
        // 409: somebody else removes it at this moment.
        if (error.status !== 409 || performance.now() > until)
          throw new DriverError('driver_error', `the Engine does not remove ${id.slice(0, 12)}: ${error.message}`, {
            cause: error,
          });
      }
      await sleep(LOOK_MS, signal);
    }
  }
}

async function absentIsFine(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof EngineRefusal && error.status === 404)) throw error;
  });
}
