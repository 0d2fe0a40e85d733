/** How a lost connection is opened again. */
export type ReconnectBounds = {
  /** Ceiling of the first pause. */
  baseMs: number;
  /** Ceiling of every later pause. */
  maxMs: number;
  /** Attempts in a row, without a connection that lasted, before the client gives up. None is made, or counts, without a network. */
  attempts: number;
  /** The same before the very first welcome. */
  initialAttempts: number;
  /** A connection that lived this long was a success: counting begins anew. */
  stableMs: number;
};

/** About two minutes of pauses altogether, and half a minute before the first welcome: longer than edges take to be replaced. */
export const defaultReconnect: ReconnectBounds = {
  baseMs: 200,
  maxMs: 10_000,
  attempts: 30,
  initialAttempts: 12,
  stableMs: 5000,
};

/** No hint of an edge is followed for longer. */
const longestHintMs = 600_000;
/** Close codes that mean "not now": the edge's `retryAfterMs` counts. */
const notNow = new Set([1013, 4013]);

/** Decides whether and when to connect again: full jitter, bounded attempts, and what the edge asked for. */
export class ReconnectPolicy {
  readonly #bounds: ReconnectBounds;
  readonly #enabled: boolean;
  readonly #random: () => number;
  readonly #now: () => number;
  #failed = 0;
  #welcomedAt: number | undefined;
  #everWelcomed = false;
  #reconnectInMs: number | undefined;
  #retryAfterMs: number | undefined;

  constructor(reconnect: boolean | Partial<ReconnectBounds>, random = Math.random, now = () => performance.now()) {
    this.#enabled = reconnect !== false;
    this.#bounds = { ...defaultReconnect, ...(typeof reconnect === 'object' ? reconnect : {}) };
    this.#random = random;
    this.#now = now;
  }

  welcomed(): void {
    this.#everWelcomed = true;
    this.#welcomedAt = this.#now();
    this.#reconnectInMs = this.#retryAfterMs = undefined;
  }

  /** What the edge asked for; heard at the next close. */
  hint(of: { reconnectInMs?: number | undefined; retryAfterMs?: number | undefined }): void {
    if (of.reconnectInMs !== undefined) this.#reconnectInMs = Math.min(of.reconnectInMs, longestHintMs);
    if (of.retryAfterMs !== undefined) this.#retryAfterMs = Math.min(of.retryAfterMs, longestHintMs);
  }

  /**
   * A connection ended (or never stood): the pause before the next one, or undefined to give up. The pause is anything from 0 to a
   * ceiling that doubles, so that clients which lost the same edge do not return together.
   *
   * @param isOffline without a network: that says nothing of the edge, and does not count
   */
  pauseAfter(code: number, isOffline = false): number | undefined {
    if (!this.#enabled) return undefined;
    const lasted = this.#welcomedAt !== undefined && this.#now() - this.#welcomedAt >= this.#bounds.stableMs;
    const hinted = this.#reconnectInMs;
    this.#welcomedAt = undefined;
    this.#reconnectInMs = undefined;
    if (lasted) this.#failed = 0;
    if (!isOffline) this.#failed += 1;
    if (this.#failed >= (this.#everWelcomed ? this.#bounds.attempts : this.#bounds.initialAttempts)) return undefined;
    // The edge has spread its clients already: its own delay for each.
    if (hinted !== undefined) return hinted;
    const ceiling = Math.min(this.#bounds.maxMs, this.#bounds.baseMs * 2 ** Math.max(0, this.#failed - 1));
    return (notNow.has(code) ? (this.#retryAfterMs ?? 0) : 0) + this.#random() * ceiling;
  }
}

/** Resolves after `ms`, or at once when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
