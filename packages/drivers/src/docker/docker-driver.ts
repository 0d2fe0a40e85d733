import process from 'node:process';
import {
  type Driver,
  type DriverContext,
  type Running,
  type RunName,
  type StartRequest,
  type StopOptions,
  type StopOutcome,
} from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import { secretsOf } from '../log/redact.ts';
import { asDriverError } from '../process/driver-failure.ts';
import { RunTurns } from '../run-turns.ts';
import { type ContainerPlan, planContainer } from './container-plan.ts';
import { endpointIn } from './container-endpoint.ts';
import { type ContainerRun, followContainer } from './container-run.ts';
import { type Container, Containers } from './containers.ts';
import { Engine, isAbsent } from './engine.ts';
import { type EngineAddress, engineAddress } from './engine-address.ts';
import { startContainer } from './start-container.ts';

export type DockerDriverOptions = {
  /** The deployment: two of them with one Engine see nothing of each other. */
  namespace: string;
  logger: Logger;
  /** Where published ports of an Engine of this host are reached. Default 127.0.0.1. */
  advertiseAddress?: string | undefined;
  /** Where `DOCKER_HOST` and its like come from. Default: this process. */
  env?: NodeJS.ProcessEnv;
};

/**
 * Starts services as containers of one Docker Engine. They outlive this driver and its process: another initializer adopts them.
 * A service is reached at the address of its container on the first of its networks, or at a published port of the Engine's host.
 */
export function createDockerDriver(options: DockerDriverOptions): Driver & AsyncDisposable {
  return new DockerDriver(options);
}

type Parts = { engine: Engine; containers: Containers; hostAddress: string };

class DockerDriver implements Driver, AsyncDisposable {
  readonly driver = 'docker';
  readonly #options: DockerDriverOptions;
  readonly #runs = new Map<string, ContainerRun>();
  readonly #turns = new RunTurns();
  #made: Parts | undefined;
  #isReached = false;

  constructor(options: DockerDriverOptions) {
    this.#options = options;
  }

  start(request: StartRequest, context: DriverContext): Promise<Running> {
    return this.#turns.start(request, context, (own) => this.#start(request, own));
  }

  async adopt(request: StartRequest, { signal }: DriverContext): Promise<Running | undefined> {
    try {
      const { name } = request;
      await this.#turns.free(name, signal);
      const { containers } = this.#parts();
      const found = await containers.find(name, signal);
      this.#isReached = true;
      if (found === undefined || !found.State.Running || !containers.isOurs(found, name)) return undefined;
      return this.#follow(found, request, this.#plan(request));
    } catch (error) {
      throw asDriverError(error, `the search for ${request.name}`, signal);
    }
  }

  stop({ name }: RunName, { graceMs, signal }: StopOptions): Promise<StopOutcome> {
    return this.#turns.stop(name, signal, async () => {
      await this.#parts().containers.end(name, graceMs, this.#turns.disposing);
      return { stopped: true };
    });
  }

  async list(signal: AbortSignal): Promise<RunName[]> {
    try {
      const found = await this.#parts().containers.list(signal);
      this.#isReached = true;
      return found;
    } catch (error) {
      // A host without Docker, whose catalog needs none, has no containers of ours.
      if (!this.#isReached && isAbsent(error)) return [];
      throw asDriverError(error, 'the list of containers', signal);
    }
  }

  /** Lets go of all containers, which run on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns.close();
    this.#runs.clear();
  }

  #parts(): Parts {
    if (this.#made !== undefined) return this.#made;
    const address: EngineAddress = engineAddress(this.#options.env ?? process.env);
    const engine = new Engine(address);
    this.#made = {
      engine,
      containers: new Containers(engine, this.#options.namespace),
      // An Engine behind a socket is on this host.
      hostAddress: address.kind === 'tcp' ? address.host : (this.#options.advertiseAddress ?? '127.0.0.1'),
    };
    return this.#made;
  }

  #plan(request: StartRequest): ContainerPlan {
    return planContainer(request, this.#options.namespace, this.#options.env ?? process.env);
  }

  async #start(request: StartRequest, context: DriverContext): Promise<Running> {
    const parts = this.#parts();
    const plan = this.#plan(request);
    const container = await startContainer({ ...parts, request, plan, context });
    this.#isReached = true;
    context.signal.throwIfAborted();
    return this.#follow(container, request, plan);
  }

  #follow(container: Container, request: StartRequest, plan: ContainerPlan): ContainerRun {
    const { name } = request;
    const held = this.#runs.get(name);
    if (held?.id === container.Id && !held.ended) return held;
    const { engine, containers, hostAddress } = this.#parts();
    const run = followContainer({
      ...{ engine, containers, id: container.Id, name, endpoint: endpointIn(container, request, plan, hostAddress) },
      // Of one that was started before, the environment is the one it has, whatever this request would give it.
      secrets: secretsOf(environmentOf(container, plan), plan.secrets),
      signal: this.#turns.disposing,
      onError: (error) => this.#options.logger.warn({ err: error, run: name }, 'a container cannot be followed'),
    });
    this.#runs.set(name, run);
    void run.exited.then(() => {
      if (this.#runs.get(name) === run) this.#runs.delete(name);
    });
    return run;
  }
}

function environmentOf(container: Container, plan: ContainerPlan): Record<string, string> {
  const entries = (container.Config.Env ?? []).map((entry): [string, string] => {
    const [name = '', ...value] = entry.split('=');
    return [name, value.join('=')];
  });
  return { ...plan.env, ...Object.fromEntries(entries) };
}
