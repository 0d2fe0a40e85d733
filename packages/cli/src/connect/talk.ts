import { type FrameOf, type Json, type ReveilleClient, ReveilleError } from '@reveille/client';
import type { ServerFrame } from '@reveille/contracts';
import type { Ending } from '../cli/ending.ts';
import { exitCodes } from '../cli/exit-code.ts';
import type { Terminal } from '../cli/terminal.ts';
import type { Progress } from '../progress/progress.ts';
import { answerText } from '../render/answer-text.ts';
import { failureLines } from '../render/failure-lines.ts';
import { printable } from '../render/printable.ts';
import { styleFor } from '../render/style.ts';
import { durationText } from '../render/duration.ts';
import { refusalWords } from './refusal-words.ts';

export type TalkOptions = {
  readonly client: ReveilleClient;
  readonly entrypoint: string;
  readonly terminal: Terminal;
  readonly progress: Progress;
  /** Print the data of each message as JSON. */
  readonly json: boolean;
  /** After a retryable failure: wait as long as it says, and try once more. */
  readonly retry: boolean;
  /** The first thing that ends the talk. Called at most once. */
  readonly onEnd: (ending: Ending) => void;
};

/** One conversation at a terminal: what is sent, what still has no last answer, and what the frames of the edge mean for both. */
export class Talk implements Disposable {
  readonly #options: TalkOptions;
  /** Messages without a final answer, to be sent again after a retry. */
  readonly #open = new Map<string, Json>();
  readonly #listeners: (() => void)[];
  #welcomed = false;
  #isReady = false;
  /** No more messages will be sent: the last answer is the end. */
  #isFinishing = false;
  #retriesLeft: number;
  /** A retry was asked for, and no new initialization has been heard of. */
  #isRetrying = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  /** A failure was told, and what is open waits for the retry. */
  #isWaiting = false;

  constructor(options: TalkOptions) {
    this.#options = options;
    this.#retriesLeft = options.retry ? 1 : 0;
    this.#listeners = [
      options.client.on('*', (frame) => this.#hear(frame)),
      // Not with the others: one that the client makes itself is told to these listeners alone.
      options.client.on('interrupted', ({ ids, reason }) => this.#interrupted(ids, reason)),
    ];
  }

  /** The picture first, so that words about a frame come after it. */
  #hear(frame: ServerFrame): void {
    this.#options.progress.hear(frame);
    switch (frame.type) {
      case 'welcome':
        this.#welcomed = true;
        return;
      case 'initialization_started':
        this.#isReady = false;
        return this.#sendAgain();
      case 'initialization_completed':
        this.#isReady = true;
        this.#sendAgain();
        return this.#endWhenAnswered();
      case 'initialization_failed':
        return this.#failed(frame);
      case 'message':
        return this.#answered(frame);
      case 'error':
        return this.#refusedByEdge(frame);
      case 'service_initializing':
      case 'service_completed':
      case 'service_failed':
      case 'initialization_slow':
      case 'accepted':
      case 'rejected':
      case 'interrupted':
      case 'draining':
      case 'ping':
        return;
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#retryTimer);
    for (const stop of this.#listeners) stop();
  }

  get welcomed(): boolean {
    return this.#welcomed;
  }

  send(data: Json): void {
    const id = crypto.randomUUID();
    this.#open.set(id, data);
    this.#options.client.send(data, { id }).catch((error: unknown) => this.#refused(id, error));
  }

  /** Ends when every message has its final answer and the service is there. */
  finish(): void {
    this.#isFinishing = true;
    this.#endWhenAnswered();
  }

  #answered({ data, re, final }: FrameOf<'message'>): void {
    const { progress, terminal, json } = this.#options;
    const text = json ? JSON.stringify(data) : answerText(data);
    progress.around(() => terminal.out(`${terminal.outIsTty ? printable(text) : text}\n`));
    if (re !== undefined && final === true) this.#open.delete(re);
    this.#endWhenAnswered();
  }

  #endWhenAnswered(): void {
    if (this.#isFinishing && this.#isReady && this.#open.size === 0) this.#options.onEnd({ code: exitCodes.done });
  }

  #failed({ failure, retryable, retryAfterMs, traceId }: FrameOf<'initialization_failed'>): void {
    const { entrypoint, terminal, progress, onEnd } = this.#options;
    const willRetry = retryable && this.#retriesLeft > 0;
    const lines = failureLines(
      { entrypoint, failure, retryable, retryAfterMs, traceId, willRetry },
      styleFor(terminal.colours),
    );
    progress.around(() => terminal.err(`${lines.join('\n')}\n`));
    if (!willRetry) return onEnd({ code: exitCodes.failed });
    this.#retriesLeft -= 1;
    this.#isWaiting = true;
    this.#note(`Trying once more in ${durationText(retryAfterMs ?? 0)}.`);
    this.#retryIn(retryAfterMs ?? 0);
  }

  #retryIn(ms: number): void {
    this.#retryTimer = setTimeout(() => {
      this.#isRetrying = true;
      this.#isWaiting = false;
      this.#options.client.retry();
    }, ms);
  }

  /** What was held was refused with the failure: it is sent again, under a new name, once the new initialization is there to hold it. */
  #sendAgain(): void {
    if (!this.#isRetrying) return;
    this.#isRetrying = false;
    const again = [...this.#open.values()];
    this.#open.clear();
    for (const data of again) this.send(data);
  }

  #refusedByEdge({ code, message, retryAfterMs }: FrameOf<'error'>): void {
    // Clocks and pauses are never exact: a retry that came too early is simply made again.
    if (this.#isRetrying && code === 'cooling_down' && retryAfterMs !== undefined) this.#retryIn(retryAfterMs);
    else this.#note(message);
  }

  #refused(id: string, error: unknown): void {
    if (!(error instanceof ReveilleError)) throw error;
    // It met the failure that everybody is told at once while it cools down: it goes out with the retry.
    if (error.code === 'not_ready' && this.#isWaiting) return;
    const words = refusalWords(error);
    if (words === undefined) return;
    this.#open.delete(id);
    this.#lose(words, error.code === 'too_large');
  }

  #interrupted(ids: readonly string[], reason: string): void {
    const ours = ids.filter((id) => this.#open.delete(id));
    if (ours.length > 0) this.#lose(`The service was lost before it had answered: ${reason}`, false);
  }

  /** One message will have no answer: the end where it was the only one, else a line. */
  #lose(words: string, isUsage: boolean): void {
    if (this.#isFinishing) this.#options.onEnd({ code: isUsage ? exitCodes.usage : exitCodes.failed, words });
    else this.#note(words);
  }

  #note(words: string): void {
    const { progress, terminal } = this.#options;
    progress.around(() => terminal.err(`${printable(words)}\n`));
  }
}
