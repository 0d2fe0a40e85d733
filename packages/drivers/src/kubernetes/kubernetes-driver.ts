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
import { findAccess, NoCluster } from './find-access.ts';
import { ApiServer, inWords } from './api-server.ts';
import { isStatus } from './api-refusal.ts';
import { awaitPod } from './await-pod.ts';
import { endRun } from './end-run.ts';
import type { Pod } from './kube-object.ts';
import { Owner } from './owner.ts';
import { type PodRun, followPods } from './pod-run.ts';
import { stateOf } from './pod-state.ts';
import { PodWatches } from './pod-watches.ts';
import { reachOf } from './reach.ts';
import { RunRecords } from './run-record.ts';
import { bringUp } from './bring-up.ts';
import { planWorkload, type WorkloadPlan } from './workload-plan.ts';

export type KubernetesDriverOptions = {
  /** The deployment of Reveille: two of them in one cluster see nothing of each other. */
  namespace: string;
  logger: Logger;
  /** Where `KUBECONFIG` and its like come from. Default: this process. */
  env?: NodeJS.ProcessEnv;
  /** How long a node may take to end a pod beyond the grace of its service, milliseconds. */
  endMs?: number;
};

const END_MS = 20_000;

/**
 * Starts services in a Kubernetes cluster: scales a workload that others made, or makes what a template says. They outlive this
 * driver and its process: another initializer adopts them.
 */
export function createKubernetesDriver(options: KubernetesDriverOptions): Driver & AsyncDisposable {
  return new KubernetesDriver(options);
}

class KubernetesDriver implements Driver, AsyncDisposable {
  readonly driver = 'kubernetes';
  readonly #options: KubernetesDriverOptions;
  readonly #owner: Owner;
  readonly #api: ApiServer;
  readonly #records: RunRecords;
  readonly #watches: PodWatches;
  readonly #runs = new Map<string, { run: PodRun; watching: Disposable }>();
  readonly #turns = new RunTurns();
  #isReached = false;

  constructor(options: KubernetesDriverOptions) {
    const { logger } = options;
    this.#options = options;
    this.#owner = new Owner(options.namespace);
    this.#api = new ApiServer(() => findAccess(options.env ?? process.env));
    this.#records = new RunRecords(this.#api, this.#owner);
    this.#watches = new PodWatches({
      ...{ api: this.#api, owner: this.#owner, signal: this.#turns.disposing },
      onError: (error) => logger.warn({ err: error }, 'the pods of a namespace cannot be watched'),
    });
  }

  start(request: StartRequest, context: DriverContext): Promise<Running> {
    return this.#turns.start(request, context, (own) =>
      this.#start(request, own).catch((error: unknown) => {
        throw inWords(error);
      }),
    );
  }

  async adopt(request: StartRequest, { signal }: DriverContext): Promise<Running | undefined> {
    const { name } = request;
    try {
      await this.#turns.free(name, signal);
      const record = await this.#records.find(name, signal);
      this.#isReached = true;
      if (record === undefined) return undefined;
      const plan = { ...(await this.#plan(request)), ...record };
      const watching = this.#watches.use(plan.namespace);
      using held = watching;
      await held.watch.known(signal);
      const pods = this.#podsOf(plan, name).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      const up = ['ready', 'running'].flatMap((is) => pods.filter((pod) => stateOf(pod).is === is))[0];
      return up === undefined ? undefined : await this.#follow(up, request, plan, signal);
    } catch (error) {
      throw asDriverError(inWords(error), `the search for ${name}`, signal);
    }
  }

  stop({ name }: RunName, { graceMs, signal }: StopOptions): Promise<StopOutcome> {
    return this.#turns.stop(name, signal, () =>
      this.#end(name, graceMs, this.#turns.disposing).then(
        () => ({ stopped: true }),
        (error: unknown) => ({ stopped: false, reason: (inWords(error) as Error).message }),
      ),
    );
  }

  async list(signal: AbortSignal): Promise<RunName[]> {
    try {
      const found = await this.#records.list(signal);
      this.#isReached = true;
      return found;
    } catch (error) {
      // An initializer of no cluster, or without rights in its own, has started nothing there.
      if (!this.#isReached && (error instanceof NoCluster || isStatus(error, 401, 403))) return [];
      throw asDriverError(inWords(error), 'the list of runs', signal);
    }
  }

  /** Lets go of all pods, which run on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns.close();
    this.#runs.clear();
    this.#api[Symbol.dispose]();
  }

  async #plan(request: StartRequest): Promise<WorkloadPlan> {
    return planWorkload(request, await this.#api.namespace(), this.#owner);
  }

  #podsOf({ namespace }: WorkloadPlan, name: string): Pod[] {
    using held = this.#watches.use(namespace);
    return held.watch.pods(this.#owner.runHash(name));
  }

  async #end(run: string, graceMs: number, signal: AbortSignal): Promise<void> {
    const endMs = this.#options.endMs ?? END_MS;
    await endRun({ api: this.#api, owner: this.#owner, records: this.#records, run, graceMs, endMs, signal });
    this.#isReached = true;
  }

  async #start(request: StartRequest, context: DriverContext): Promise<Running> {
    const { name } = request;
    const { signal } = context;
    const plan = await this.#plan(request);
    using held = this.#watches.use(plan.namespace);
    await held.watch.known(signal);
    const before = held.watch.pods(this.#owner.runHash(name));
    // What ended under this name goes first, with all that belongs to it: its controller would start it again as it is.
    if (before.length > 0 && before.every((pod) => stateOf(pod).is === 'ended')) await this.#end(name, 0, signal);
    await bringUp({ api: this.#api, owner: this.#owner, records: this.#records, request, plan, context });
    this.#isReached = true;
    const runHash = this.#owner.runHash(name);
    const pod = await awaitPod({ api: this.#api, watch: held.watch, plan, runHash, context });
    return await this.#follow(pod, request, plan, signal);
  }

  async #follow(pod: Pod, request: StartRequest, plan: WorkloadPlan, signal: AbortSignal): Promise<PodRun> {
    const { name } = request;
    const reach = await reachOf({ api: this.#api, request, plan, pod, signal });
    const held = this.#runs.get(name);
    if (held !== undefined && !held.run.ended && held.run.uid === reach.pod?.metadata.uid) return held.run;
    const watching = this.#watches.use(plan.namespace);
    const run = followPods({
      ...{
        api: this.#api,
        watch: watching.watch,
        namespace: plan.namespace,
        runHash: this.#owner.runHash(name),
        name,
        ...reach,
      },
      // The keys of an instance are derived from its generation: they are the same in each request for it.
      secrets: secretsOf(plan.env),
      secret: plan.secret,
      signal: this.#turns.disposing,
      onError: (error) => this.#options.logger.warn({ err: error, run: name }, 'a pod cannot be followed'),
    });
    this.#runs.set(name, { run, watching });
    void run.exited.then(() => {
      watching[Symbol.dispose]();
      if (this.#runs.get(name)?.run === run) this.#runs.delete(name);
    });
    return run;
  }
}
