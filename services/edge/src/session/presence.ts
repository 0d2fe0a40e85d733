import type { Logger } from '@reveille/telemetry';

/** What a session without traffic leaves and comes back to. */
export type PresenceParts = {
  /** Without traffic for so long it is no interest; undefined: it always is. */
  afterMs: number | undefined;
  /** Gives up the interest. */
  leave(): void;
  /** States it again, and knows afterwards whether the service may still serve. Rejects when the ledger is away. */
  enter(): Promise<void>;
  logger: Logger;
  /** Whether the conversation has ended meanwhile: then it is not come back to. */
  isOver(): boolean;
};

/**
 * Whether a session that talks is an interest (`idle.quietAfterMs`). One that is quiet keeps its connection for as long as the service
 * runs, but is no reason for it to run on.
 */
export class Presence implements Disposable {
  readonly #parts: PresenceParts;
  readonly #timer: NodeJS.Timeout | undefined;
  #quiet = false;
  #rousing: Promise<void> | undefined;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
    if (parts.afterMs !== undefined) this.#timer = setTimeout(() => this.#fallQuiet(), parts.afterMs);
  }

  get quiet(): boolean {
    return this.#quiet;
  }

  /**
   * Something is said, in either direction: `then` runs at once, or, of a quiet session, when it is an interest again. Without the
   * ledger it stays quiet, and talks on: nothing is stopped meanwhile, and the next traffic tries again.
   */
  traffic(then: () => void = () => undefined): void {
    if (!this.#quiet) {
      this.#timer?.refresh();
      return then();
    }
    this.#rousing ??= this.#rouse().finally(() => (this.#rousing = undefined));
    this.#rousing.then(then, (error: unknown) => {
      this.#parts.logger.warn(
        { err: error },
        'the interest of a quiet session could not be stated; it talks on without',
      );
      then();
    });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #fallQuiet(): void {
    this.#quiet = true;
    this.#parts.leave();
  }

  async #rouse(): Promise<void> {
    await this.#parts.enter();
    if (this.#parts.isOver()) return;
    this.#quiet = false;
    this.#timer?.refresh();
  }
}
