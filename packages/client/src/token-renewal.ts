import type { ServerFrameOf } from '@reveille/contracts';
import { tokenLifeMs } from './token-life.ts';

export type TokenProvider = () => string | undefined | Promise<string | undefined>;

/** A new token is asked for after this part of the life that the last one had left, and up to the second part more: users who came together do not ask together. */
const share = 0.7;
const jitter = 0.15;
/** Between two questions; what is left of a token that ends sooner is left to the reconnect. */
const shortestMs = 1_000;
/** The longest delay of a timer. */
const longestMs = 2 ** 31 - 1;

/** Asks for a new token before the one in use has ended and hands it to the edge, so that a session outlives its token without a gap. */
export class TokenRenewal {
  readonly #provider: TokenProvider;
  readonly #say: (token: string) => void;
  readonly #random: () => number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What the edge has taken, and what it was handed since; `endsAt`: monotonic milliseconds, NaN when it is not known. */
  #taken: { token: string; endsAt: number } | undefined;
  #handed: { token: string; endsAt: number } | undefined;

  constructor(provider: TokenProvider, say: (token: string) => void, random: () => number = Math.random) {
    this.#provider = provider;
    this.#say = say;
    this.#random = random;
  }

  /** The edge has let in who has this token. */
  begin(token: string | undefined): void {
    this.end();
    this.#taken = token === undefined ? undefined : withEnd(token);
    this.#wait();
  }

  /** The edge has refused what it was handed: the token before counts on, and another may be had before it ends. */
  refused(): void {
    if (this.#handed === undefined) return;
    this.#handed = undefined;
    this.#wait();
  }

  /** The connection is gone: the next one brings a token of its own. */
  end(): void {
    clearTimeout(this.#timer);
    this.#taken = this.#handed = undefined;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const current = this.#handed ?? this.#taken;
    if (current === undefined) return;
    const leftMs = current.endsAt - performance.now();
    const pauseMs = Math.max(shortestMs, leftMs * (share + jitter * this.#random()));
    if (pauseMs < leftMs) this.#timer = setTimeout(() => void this.#renew(current), Math.min(pauseMs, longestMs));
  }

  async #renew(current: { token: string }): Promise<void> {
    const token = await this.#ask();
    if ((this.#handed ?? this.#taken) !== current) return;
    // A provider that has none yet, or the same again, is asked again as long as there is time.
    const fresh = token === undefined || token === current.token ? undefined : token;
    if (fresh !== undefined) {
      this.#taken = this.#handed ?? this.#taken;
      this.#handed = withEnd(fresh);
      this.#say(fresh);
    }
    this.#wait();
  }

  async #ask(): Promise<string | undefined> {
    try {
      return await this.#provider();
    } catch {
      // Asked again while the token lasts, and with the next connection.
      return undefined;
    }
  }
}

/** Of all that this client says without an id, a token is the only thing that an edge can find wrong, or be unable to check. */
export function isOfToken({ code, id }: ServerFrameOf<'error'>): boolean {
  return id === undefined && (code === 'bad_frame' || code === 'unavailable');
}

function withEnd(token: string): { token: string; endsAt: number } {
  return { token, endsAt: performance.now() + (tokenLifeMs(token) ?? Number.NaN) };
}
