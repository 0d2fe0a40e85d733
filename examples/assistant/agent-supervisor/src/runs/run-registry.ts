import { EventLog } from './event-log.ts';
import { executeRun, type RunParts } from './execute-run.ts';
import { cancelled, RunFailure, stopping, timedOut, type RunStopped } from './run-failure.ts';
import { contentDigestOf, runIdOf, threadOf, type RunRequest } from './run-request.ts';
import { Turns } from './turns.ts';

/** How long a run may work once its turn has come. */
const RUN_TIMEOUT_MS = 5 * 60_000;
/** How long what a run said can be read after its end, and of how many runs at most. */
export const KEPT_MS = 10 * 60_000;
const MOST_KEPT = 2000;

export interface Run {
  readonly id: string;
  readonly events: EventLog;
  /** Ends the run with a failure that says so; harmless when it has ended. */
  cancel(): void;
}

interface KeptRun extends Run {
  readonly contentDigest: string;
  readonly stop: (reason: RunStopped) => void;
  readonly done: Promise<void>;
}

/** All runs of this process: at work, waiting, and those that ended a while ago. A run belongs to nobody who reads it and goes on without readers. */
export class RunRegistry implements AsyncDisposable {
  readonly #parts: RunParts;
  readonly #turns = new Turns();
  /** In order of their start. */
  readonly #runs = new Map<string, KeptRun>();
  readonly #forgetting = new Set<NodeJS.Timeout>();
  #underWay = 0;

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  /** Runs that have not said their last. */
  get underWay(): number {
    return this.#underWay;
  }

  /**
   * Starts the run of a message; the same message again gets the run it has.
   * @throws RunFailure `message_id_reused` for another message with that id, `too_busy` when too many wait
   */
  start(request: RunRequest, traceparent?: string): Run {
    const id = runIdOf(request);
    const contentDigest = contentDigestOf(request);
    const known = this.#runs.get(id);
    if (known !== undefined && known.contentDigest === contentDigest) return known;
    if (known !== undefined) {
      throw new RunFailure({
        code: 'message_id_reused',
        message: 'This session has another message with that id.',
        advice: 'Give each message an id of its own.',
      });
    }
    const events = new EventLog(id);
    const abort = new AbortController();
    const stop = (reason: RunStopped): void => abort.abort(reason);
    const turn = this.#turns.take(threadOf(request));
    this.#underWay += 1;
    const work = async (): Promise<void> => {
      using mine = turn;
      // A run that is stopped while it waits says so at once.
      await mine.come(abort.signal);
      const timer = setTimeout(() => stop(timedOut(RUN_TIMEOUT_MS)), RUN_TIMEOUT_MS);
      try {
        const of = { id, request, events, signal: abort.signal };
        await executeRun(this.#parts, { ...of, ...(traceparent === undefined ? {} : { traceparent }) });
      } finally {
        clearTimeout(timer);
        this.#underWay -= 1;
        this.#forgetLater(id);
      }
    };
    const run = { id, events, contentDigest, stop, cancel: () => stop(cancelled()), done: work() };
    this.#runs.set(id, run);
    return run;
  }

  find(id: string): Run | undefined {
    return this.#runs.get(id);
  }

  /** Ends every run with a failure that says why, and waits until each has said it. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const run of this.#runs.values()) run.stop(stopping());
    await Promise.all([...this.#runs.values()].map(({ done }) => done));
    for (const timer of this.#forgetting) clearTimeout(timer);
  }

  #forgetLater(id: string): void {
    const timer = setTimeout(() => {
      this.#forgetting.delete(timer);
      this.#runs.delete(id);
    }, KEPT_MS).unref();
    this.#forgetting.add(timer);
    for (const [oldest, run] of this.#runs) {
      if (this.#runs.size <= MOST_KEPT) break;
      if (run.events.closed) this.#runs.delete(oldest);
    }
  }
}
