import process from 'node:process';
import type { Endpoint } from '@reveille/contracts';
import { sleep } from '@reveille/lifecycle';
import {
  type Driver,
  type DriverContext,
  DriverError,
  type Running,
  type RunName,
  type StartRequest,
  type StopOptions,
  type StopOutcome,
} from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import { asDriverError } from '../process/driver-failure.ts';
import { parseRunName } from '../run-name.ts';
import { RunTurns } from '../run-turns.ts';
import { type AskPace, type CallRun, followCalls } from './call-run.ts';
import { Calls } from './calls.ts';

/** How long one call may take, milliseconds. */
const CALL_MS = 30_000;
/** How long what was asked to end may take beyond its grace, milliseconds. */
const END_MS = 10_000;
/** Pauses between looks at what begins or ends, and at what runs, milliseconds. */
const PACE: AskPace = { first: 100, factor: 1.5, last: 5000 };

export type HttpDriverOptions = {
  logger: Logger;
  /** Where secrets come from that the catalog names. Default: this process. */
  env?: NodeJS.ProcessEnv;
  /** Default: {@link CALL_MS}. */
  timeoutMs?: number;
};

/**
 * Has services started by calls of somebody else's API. They are not of this host and outlive this driver; how they are is known as far
 * as the API tells it (`status`).
 */
export function createHttpDriver(options: HttpDriverOptions): Driver & AsyncDisposable {
  return new HttpDriver(options);
}

class HttpDriver implements Driver, AsyncDisposable {
  readonly driver = 'http';
  readonly #logger: Logger;
  readonly #timeoutMs: number;
  readonly #env: NodeJS.ProcessEnv;
  readonly #runs = new Map<string, CallRun>();
  readonly #turns = new RunTurns();

  constructor({ logger, timeoutMs, env }: HttpDriverOptions) {
    this.#env = env ?? process.env;
    this.#logger = logger;
    this.#timeoutMs = timeoutMs ?? CALL_MS;
  }

  start(request: StartRequest, context: DriverContext): Promise<Running> {
    return this.#turns.start(request, context, (own) => this.#start(request, own));
  }

  async adopt(request: StartRequest, { signal }: DriverContext): Promise<Running | undefined> {
    try {
      const { name } = request;
      await this.#turns.free(name, signal);
      return await this.#find(request, this.#callsOf(request), signal);
    } catch (error) {
      throw asDriverError(error, `the search for ${request.name}`, signal);
    }
  }

  stop({ name }: RunName, options: StopOptions): Promise<StopOutcome> {
    return this.#turns.stop(name, options.signal, () => this.#stop(name, options));
  }

  /** What this process had started or found: nobody else's API is asked for what else runs there. */
  async list(signal: AbortSignal): Promise<RunName[]> {
    const options = { signal, timeoutMs: this.#timeoutMs };
    for (const { calls, end } of this.#runs.values()) {
      // What cannot be learnt is taken to run on.
      const told = calls.canTell ? await calls.status(options).catch(() => undefined) : undefined;
      if (told?.runs === false) end();
    }
    const running = [...this.#runs.values()].filter(({ ended }) => !ended);
    return running.flatMap(({ name }) => parseRunName(name) ?? []);
  }

  /** Lets go of all runs, which go on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns.close();
    this.#runs.clear();
  }

  #callsOf(request: StartRequest): Calls {
    return new Calls(request, this.#env);
  }

  async #start(request: StartRequest, context: DriverContext): Promise<Running> {
    const calls = this.#callsOf(request);
    const { signal } = context;
    const there = await this.#find(request, calls, signal);
    if (there !== undefined) return there;
    try {
      context.progress({ phase: 'starting', detail: 'asking for its start' });
      const { endpoint } = await calls.start({ signal, timeoutMs: this.#timeoutMs });
      return this.#follow(request, calls, endpoint ?? (await this.#address(calls, context)));
    } catch (error) {
      // Whoever wanted it has left, and would never get to know of it.
      if (signal.aborted && calls.canStop)
        await calls.stop(0, { signal: AbortSignal.timeout(END_MS), timeoutMs: END_MS }).catch((left: unknown) => {
          this.#logger.warn({ err: left, run: request.name }, 'a start was given up; what it started may be left');
        });
      throw error;
    }
  }

  /** Asks until it is known where the service answers; how long, is for the signal to say. */
  async #address(calls: Calls, { signal, progress }: DriverContext): Promise<Endpoint> {
    if (!calls.canTell) {
      const words =
        'the answer to the start names no "url", and the catalog neither a port (endpoint.port) nor a status';
      throw new DriverError('driver_error', words);
    }
    progress({ phase: 'starting', detail: 'waiting for its address' });
    for (let pauseMs = PACE.first; ; pauseMs = Math.min(pauseMs * PACE.factor, PACE.last)) {
      const told = await calls.status({ signal, timeoutMs: this.#timeoutMs });
      if (told.runs && told.endpoint !== undefined) return told.endpoint;
      await sleep(pauseMs, signal);
    }
  }

  async #find(request: StartRequest, calls: Calls, signal: AbortSignal): Promise<CallRun | undefined> {
    const held = this.#runs.get(request.name);
    if (!calls.canTell) return held;
    const told = await calls.status({ signal, timeoutMs: this.#timeoutMs });
    if (told.runs) return held ?? this.#follow(request, calls, told.endpoint);
    held?.end();
    return undefined;
  }

  async #stop(name: string, { graceMs, request }: StopOptions): Promise<StopOutcome> {
    const held = this.#runs.get(name);
    const calls = held?.calls ?? (request === undefined ? undefined : this.#callsOf(await request()));
    if (calls === undefined) return { stopped: false, reason: `nothing here says how ${name} is stopped` };
    const signal = this.#turns.disposing;
    const options = { signal, timeoutMs: this.#timeoutMs };
    const isOver = async (): Promise<boolean> => !calls.canTell || !(await calls.status(options)).runs;
    if (!calls.canStop) {
      // Whoever started it ends it.
      held?.end();
      return { stopped: true };
    }
    if (calls.canTell && (await isOver())) {
      held?.end();
      return { stopped: true };
    }
    await calls.stop(graceMs, options);
    const until = performance.now() + graceMs + END_MS;
    for (let pauseMs = PACE.first; !(await isOver()); pauseMs = Math.min(pauseMs * PACE.factor, PACE.last)) {
      if (performance.now() > until) return { stopped: false, reason: `${name} was asked to end and still runs` };
      await sleep(pauseMs, signal);
    }
    held?.end();
    return { stopped: true };
  }

  #follow(request: StartRequest, calls: Calls, endpoint: Endpoint | undefined): CallRun {
    const { name } = request;
    const run = followCalls({
      ...{ request, calls, endpoint, timeoutMs: this.#timeoutMs, pace: PACE, signal: this.#turns.disposing },
      onError: (error) => this.#logger.warn({ err: error, run: name }, 'the status of a run cannot be learnt'),
    });
    this.#runs.set(name, run);
    void run.exited.then(() => {
      if (this.#runs.get(name) === run) this.#runs.delete(name);
    });
    return run;
  }
}
