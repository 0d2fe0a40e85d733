import process from 'node:process';
import { raceAbort } from '@reveille/lifecycle';
import type { DriverName } from '@reveille/contracts';
import type {
  Driver,
  DriverContext,
  Running,
  RunName,
  StartRequest,
  StopOptions,
  StopOutcome,
} from '@reveille/orchestration';
import { DriverError } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import { endpointOf } from '../endpoint.ts';
import { parseRunName } from '../run-name.ts';
import { RunTurns } from '../run-turns.ts';
import { adoptRun } from './adopt-run.ts';
import { asDriverError } from './driver-failure.ts';
import { HeldRuns, REMAINS_GRACE_MS } from './held-runs.ts';
import { hostProcessTable } from './host-process-table.ts';
import { type LaunchPlan, type LaunchSettings, planLaunch } from './launch-plan.ts';
import { formatMark, markPrefix } from './mark.ts';
import { ParentDeathWatch } from './parent-death-watch.ts';
import { PortPool } from './port-pool.ts';
import type { MarkedProcess, ProcessTable } from './process-table.ts';
import { RunEnder } from './run-ender.ts';
import { lockRun } from './run-lock.ts';
import { type ProcessRun, spawnRun } from './spawn-run.ts';

/** Bound of the grace at disposal: a deployable itself has only so long to end. */
const DISPOSE_GRACE_MS = 10_000;

export type ProcessDriverOptions = {
  /** The deployment: two of them on one host see nothing of each other. */
  namespace: string;
  hostId: string;
  /** Host in endpoints. Default 127.0.0.1. */
  advertiseAddress?: string;
  logger: Logger;
  /** Where `PATH` and `passEnv` come from. Default: this process. */
  env?: NodeJS.ProcessEnv;
  /** Default: the one of this host. */
  processTable?: ProcessTable;
};

/**
 * Starts services as processes of this host. They live and die with this driver and its process: disposing stops them, and
 * so does the death of the process, however sudden. `start` of a name that runs already returns what runs.
 */
export function createProcessDriver(options: ProcessDriverOptions): Driver & AsyncDisposable {
  return createHostDriver(options, { driver: 'process', plan: planLaunch });
}

/** What tells the drivers apart that start processes of this host. */
export type HostDriverKind = {
  driver: DriverName;
  /** @throws DriverError for what cannot be started. */
  plan(request: StartRequest, settings: LaunchSettings): Promise<LaunchPlan>;
};

/** Two of them in one deployment need a namespace each: what runs is told apart by that alone. */
export function createHostDriver(options: ProcessDriverOptions, kind: HostDriverKind): Driver & AsyncDisposable {
  return new HostDriver(options, kind);
}

class HostDriver implements Driver, AsyncDisposable {
  readonly driver: DriverName;
  readonly #plan: HostDriverKind['plan'];
  readonly #options: ProcessDriverOptions;
  readonly #host: string;
  readonly #prefix: string;
  readonly #table: ProcessTable;
  readonly #ports: PortPool;
  readonly #watch: ParentDeathWatch;
  readonly #ender: RunEnder;
  readonly #runs: HeldRuns;
  readonly #turns: RunTurns;

  constructor(options: ProcessDriverOptions, { driver, plan }: HostDriverKind) {
    this.driver = driver;
    this.#plan = plan;
    this.#options = options;
    this.#host = options.advertiseAddress ?? '127.0.0.1';
    this.#prefix = markPrefix(options);
    this.#table = options.processTable ?? hostProcessTable();
    this.#ports = new PortPool(['127.0.0.1', this.#host]);
    this.#watch = new ParentDeathWatch({ markPrefix: `${this.#prefix}${process.pid}/`, logger: options.logger });
    this.#ender = new RunEnder(this.#table, this.#prefix);
    this.#runs = new HeldRuns({ ender: this.#ender, watch: this.#watch, logger: options.logger });
    this.#turns = new RunTurns((name) => this.#runs.leaving(name));
  }

  start(request: StartRequest, context: DriverContext): Promise<Running> {
    return this.#turns.start(request, context, (own) => this.#start(request, own));
  }

  async adopt(request: StartRequest, { signal }: DriverContext): Promise<Running | undefined> {
    try {
      await this.#turns.free(request.name, signal);
      return this.#runs.live(request.name) ?? (await this.#find(request, signal)).run;
    } catch (error) {
      throw asDriverError(error, `the search for ${request.name}`, signal);
    }
  }

  stop({ name }: RunName, { graceMs, signal }: StopOptions): Promise<StopOutcome> {
    return this.#turns.stop(name, signal, () => this.#runs.end(name, graceMs));
  }

  async list(signal: AbortSignal): Promise<RunName[]> {
    try {
      const found = await raceAbort(this.#table.marked(this.#prefix), signal);
      // For a moment after its start the kernel does not show the environment of a process yet, and with it the mark.
      const names = new Set([...this.#runs.names(), ...found.map(({ mark }) => mark.name)]);
      return [...names].flatMap((name) => parseRunName(name) ?? []);
    } catch (error) {
      throw asDriverError(error, 'the list of runs', signal);
    }
  }

  /** Stops what this driver started (and took over from initializers that are dead), each with the grace of its service. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns.close();
    const outcomes = await Promise.all(
      this.#runs.ours().map(({ run, graceMs }) => this.#runs.end(run.name, Math.min(graceMs, DISPOSE_GRACE_MS))),
    );
    for (const outcome of outcomes) if (!outcome.stopped) this.#options.logger.error(outcome.reason);
    await this.#watch[Symbol.asyncDispose]();
  }

  async #start(request: StartRequest, context: DriverContext): Promise<Running> {
    const { name } = request;
    const { signal } = context;
    signal.throwIfAborted();
    const held = this.#runs.live(name);
    if (held !== undefined) return held;
    await using taken = new AsyncDisposableStack();
    const lock = taken.use(await lockRun(this.#prefix, name));
    const there = context.unclaimed && lock ? undefined : await this.#takeOver(request, signal);
    if (there !== undefined) return there;
    const run = await this.#launch(request, taken, signal);
    context.progress({ phase: 'starting', detail: `process ${run.pid} started` });
    signal.throwIfAborted();
    return run;
  }

  /** @param taken what is held for the run, and goes along with it */
  async #launch(request: StartRequest, taken: AsyncDisposableStack, signal: AbortSignal): Promise<ProcessRun> {
    const { name, spec } = request;
    const port = taken.use(await this.#ports.take(spec.endpoint.port, signal))?.port;
    const markText = formatMark({ ...this.#options, initializerPid: process.pid, name });
    const plan = await this.#plan(request, { port, host: this.#options.env ?? process.env, mark: markText });
    signal.throwIfAborted();
    await this.#watch.ensure();
    signal.throwIfAborted();
    const run = await spawnRun(plan, {
      name,
      markText,
      endpoint: port === undefined ? undefined : endpointOf(spec.endpoint, this.#host, port),
      onGroup: (group) => this.#watch.add(group),
      onListenerError: (error) => this.#options.logger.error({ err: error, run: name }, 'a reader of a log failed'),
    });
    taken.defer(() => run.release());
    const held = taken.move();
    this.#runs.hold({ run, graceMs: spec.stop.graceMs, ours: true, release: () => held.disposeAsync() });
    return run;
  }

  /** What another initializer started under this name, if its leader lives. Else what is left of it is cleared away. */
  async #takeOver(request: StartRequest, signal: AbortSignal): Promise<Running | undefined> {
    const { run, found } = await this.#find(request, signal);
    if (run !== undefined || found.length === 0) return run;
    const cleared = await raceAbort(this.#ender.end(request.name, REMAINS_GRACE_MS), signal);
    if (!cleared.stopped) throw new DriverError('driver_error', cleared.reason);
    return undefined;
  }

  async #find(request: StartRequest, signal: AbortSignal): Promise<{ run?: Running; found: MarkedProcess[] }> {
    const { name, spec } = request;
    const marked = await raceAbort(this.#table.marked(this.#prefix), signal);
    const found = marked.filter(({ mark }) => mark.name === name);
    const held = this.#runs.live(name);
    if (held !== undefined) return { run: held, found };
    const leader = leaderOf(found);
    if (leader === undefined || this.#runs.leaving(name) !== undefined) return { found };
    const run = adoptRun(leader, {
      endpoint: leader.port === undefined ? undefined : endpointOf(spec.endpoint, this.#host, leader.port),
      table: this.#table,
      signal: this.#turns.disposing,
      onError: (error) => this.#options.logger.warn({ err: error, run: name }, 'an adopted run cannot be looked at'),
    });
    // Its own initializer, while that lives, sees to its end.
    const orphan = !isAlive(leader.mark.initializerPid);
    this.#runs.hold({ run, graceMs: spec.stop.graceMs, ours: orphan });
    if (orphan) {
      this.#watch.add(run.pid);
      await this.#watch.ensure();
    }
    return { run, found };
  }
}

/** The process that was started: the head of its group. A descendant that made a group of its own is younger. */
function leaderOf(found: readonly MarkedProcess[]): MarkedProcess | undefined {
  const heads = found.filter(({ pid, group }) => pid === group);
  return heads.toSorted((a, b) => a.startedAt - b.startedAt || a.pid - b.pid)[0];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
