import { raceAbort } from '@reveille/lifecycle';
import {
  type DriverContext,
  DriverError,
  type Running,
  type StartRequest,
  type StopOutcome,
} from '@reveille/orchestration';
import { asDriverError } from './process/driver-failure.ts';
import { parseRunName } from './run-name.ts';

/** A start under way. `done` never rejects. */
type Starting = { readonly done: Promise<unknown>; readonly giveUp: AbortController };

/**
 * Starts and ends of the runs of one driver. Those of one name come one after the other, and whoever ends a run has the start of it that is
 * under way given up.
 */
export class RunTurns {
  readonly #starting = new Map<string, Starting>();
  readonly #ending = new Map<string, Promise<StopOutcome>>();
  readonly #leaving: ((name: string) => Promise<unknown> | undefined) | undefined;
  readonly #disposing = new AbortController();

  /** @param leaving by drivers whose ends join by themselves: the end of a run that is under way there */
  constructor(leaving?: (name: string) => Promise<unknown> | undefined) {
    this.#leaving = leaving;
  }

  /** Aborts when the driver is disposed of. */
  get disposing(): AbortSignal {
    return this.#disposing.signal;
  }

  /** @throws DriverError whatever `begin` rejects with */
  async start(
    request: StartRequest,
    context: DriverContext,
    begin: (context: DriverContext) => Promise<Running>,
  ): Promise<Running> {
    const { name } = request;
    const giveUp = new AbortController();
    const signal = AbortSignal.any([context.signal, giveUp.signal, this.disposing]);
    try {
      if (parseRunName(name)?.instance !== request.instance)
        throw new DriverError('driver_error', `"${name}" is not the name of a run of ${request.instance}`);
      // Nothing may come between the last look and the entry of this start: of two that wait, the second has to see the first.
      for (let busy = this.#busy(name); busy !== undefined; busy = this.#busy(name)) await raceAbort(busy, signal);
      signal.throwIfAborted();
      const started = begin({ ...context, signal });
      const done = started.catch(() => undefined).finally(() => this.#starting.delete(name));
      this.#starting.set(name, { done, giveUp });
      return await started;
    } catch (error) {
      throw asDriverError(error, `the start of ${name}`, signal);
    }
  }

  /** Waits until nobody starts or ends a run of this name. */
  async free(name: string, signal: AbortSignal): Promise<void> {
    for (let busy = this.#busy(name); busy !== undefined; busy = this.#busy(name)) await raceAbort(busy, signal);
  }

  /** Never rejects. The end goes on when its caller leaves: what was asked to end and then forgotten would run unowned. */
  stop(name: string, signal: AbortSignal, end: () => Promise<StopOutcome>): Promise<StopOutcome> {
    const starting = this.#starting.get(name);
    starting?.giveUp.abort();
    const joined = this.#leaving === undefined ? this.#ending.get(name) : undefined;
    const stopped = joined ?? this.#enter(name, (starting?.done ?? Promise.resolve()).then(end));
    return raceAbort(stopped, signal).catch(() => ({
      stopped: false,
      reason: `the wait for ${name} to end was given up`,
    }));
  }

  /** Gives up all starts, and waits for them and for the ends. Ends that join by themselves are the driver's to hurry. */
  async close(): Promise<void> {
    this.#disposing.abort();
    const ends = this.#leaving === undefined ? this.#ending.values() : [];
    await Promise.all([...[...this.#starting.values()].map(({ done }) => done), ...ends]);
  }

  #enter(name: string, ending: Promise<StopOutcome>): Promise<StopOutcome> {
    const stopped = ending
      .catch((error: Error): StopOutcome => ({ stopped: false, reason: error.message }))
      .finally(() => this.#ending.get(name) === stopped && this.#ending.delete(name));
    this.#ending.set(name, stopped);
    return stopped;
  }

  #busy(name: string): Promise<unknown> | undefined {
    return this.#starting.get(name)?.done ?? this.#ending.get(name) ?? this.#leaving?.(name);
  }
}
