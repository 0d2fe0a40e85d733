import type { StopOutcome } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import type { ParentDeathWatch } from './parent-death-watch.ts';
import type { RunEnder } from './run-ender.ts';
import type { ProcessRun } from './spawn-run.ts';

/** What a leader that ended by itself leaves in its group gets as long as this after SIGTERM. */
export const REMAINS_GRACE_MS = 500;

export type Holding = {
  run: ProcessRun;
  /** Of its service, for the disposal. */
  graceMs: number;
  /** Started here, or taken over from an initializer that is dead: this process answers for its end. */
  ours: boolean;
  /** Gives back what was taken for it. */
  release?: () => Promise<void>;
};

type Held = Holding & { released: Promise<void> };

/** The runs that a driver holds: those it started and those it found. A run leaves when it has ended. */
export class HeldRuns {
  readonly #runs = new Map<string, Held>();
  readonly #ender: RunEnder;
  readonly #watch: ParentDeathWatch;
  readonly #logger: Pick<Logger, 'error'>;

  constructor(parts: { ender: RunEnder; watch: ParentDeathWatch; logger: Pick<Logger, 'error'> }) {
    this.#ender = parts.ender;
    this.#watch = parts.watch;
    this.#logger = parts.logger;
  }

  hold(holding: Holding): void {
    const { run } = holding;
    const released = run.exited.then(() => this.#leave(run.name));
    this.#runs.set(run.name, { ...holding, released });
  }

  live(name: string): ProcessRun | undefined {
    const run = this.#runs.get(name)?.run;
    return run?.ended === false ? run : undefined;
  }

  /** Names of all that live. */
  names(): string[] {
    return [...this.#runs.keys()].filter((name) => this.live(name) !== undefined);
  }

  ours(): readonly Holding[] {
    return [...this.#runs.values()].filter(({ ours }) => ours);
  }

  /** Resolves when nobody ends a run of this name and what was held for it is given back; undefined if that is so. */
  leaving(name: string): Promise<unknown> | undefined {
    const held = this.#runs.get(name);
    return held?.run.ended === true ? held.released : this.#ender.underWay(name);
  }

  /** Ends whatever runs under a name; `stopped` only when what was held for it is free again. */
  async end(name: string, graceMs: number): Promise<StopOutcome> {
    const held = this.#runs.get(name);
    const run = held?.run;
    const known = run && { group: run.pid, markText: run.markText, exited: run.exited };
    const outcome = await this.#ender.end(name, graceMs, known);
    if (outcome.stopped && held?.release !== undefined) await held.released;
    return outcome;
  }

  async #leave(name: string): Promise<void> {
    const held = this.#runs.get(name);
    if (held === undefined) return;
    const { run, ours } = held;
    if (ours) {
      const known = { group: run.pid, markText: run.markText, exited: run.exited };
      const outcome = await this.#ender.end(name, REMAINS_GRACE_MS, known);
      if (outcome.stopped) this.#watch.remove(run.pid);
      else this.#logger.error({ run: name }, outcome.reason);
    }
    await held.release?.();
    this.#runs.delete(name);
  }
}
