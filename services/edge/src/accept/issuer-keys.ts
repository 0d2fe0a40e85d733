import type { Logger } from '@reveille/telemetry';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';

export type IssuerKeysConfig = {
  readonly url: string;
  /** For how long an issuer may be silent; milliseconds, as all of these. */
  readonly timeoutMs?: number;
  /** For how long an issuer that did not know a key, or that is away, is not asked again. */
  readonly cooldownMs?: number;
  /** For how long keys are believed without asking, so that a withdrawn key ends. */
  readonly cacheMs?: number;
  /** For how long keys are believed, since they were had, of an issuer that is away. */
  readonly believedMs?: number;
};

const defaults = { timeoutMs: 5_000, cooldownMs: 5_000, cacheMs: 300_000, believedMs: 3_600_000 };

/** The issuer gives no keys, so that nobody can say whether a token is good. */
export class IssuerAway extends Error {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number, options?: ErrorOptions) {
    super('the token issuer gives no keys', options);
    this.name = 'IssuerAway';
    this.retryAfterMs = retryAfterMs;
  }
}

/** The keys of a token issuer: had from its JWKS address, and kept for a while should it be away. */
export class IssuerKeys {
  readonly #bounds: typeof defaults;
  readonly #logger: Logger;
  readonly #set: ReturnType<typeof createRemoteJWKSet>;
  /** By the clock of the host, which also counts while that is suspended. */
  #hadAt = Number.NEGATIVE_INFINITY;
  #missedAt = Number.NEGATIVE_INFINITY;
  #isAway = false;

  constructor({ url, ...bounds }: IssuerKeysConfig, logger: Logger) {
    this.#bounds = { ...defaults, ...bounds };
    this.#logger = logger;
    // It asks when it is told to: when that is to be, and what to do without an answer, is decided here.
    this.#set = createRemoteJWKSet(new URL(url), {
      timeoutDuration: this.#bounds.timeoutMs,
      cooldownDuration: Number.POSITIVE_INFINITY,
      cacheMaxAge: Number.POSITIVE_INFINITY,
    });
  }

  /** @throws IssuerAway, or what jose throws of a key that is not among those of the issuer */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const { cacheMs, cooldownMs } = this.#bounds;
    if (this.#ageMs() >= cacheMs) await this.#renew();
    try {
      return await this.#set(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || this.#ageMs() < cooldownMs) throw error;
    }
    await this.#ask();
    return this.#set(header, token);
  };

  /** Nobody with a known key waits for an issuer that is known to be away. */
  async #renew(): Promise<void> {
    const isKnownAway = this.#isAway;
    const asked = this.#ask().catch((error: unknown) => {
      if (!this.#areBelieved()) throw error;
    });
    if (!isKnownAway || !this.#areBelieved()) await asked;
  }

  async #ask(): Promise<void> {
    const { cooldownMs, believedMs } = this.#bounds;
    if (this.#isAway && Date.now() - this.#missedAt < cooldownMs) throw new IssuerAway(cooldownMs);
    try {
      await this.#set.reload();
    } catch (error) {
      this.#missedAt = Date.now();
      if (!this.#isAway)
        this.#logger.warn(
          { err: error, believedMs },
          'the token issuer gives no keys: those it gave are believed on for believedMs, for others users are told to try later',
        );
      this.#isAway = true;
      throw new IssuerAway(cooldownMs, { cause: error });
    }
    this.#hadAt = Date.now();
    if (this.#isAway) this.#logger.info('the token issuer gives keys again');
    this.#isAway = false;
  }

  #areBelieved(): boolean {
    return this.#ageMs() < this.#bounds.believedMs;
  }

  #ageMs(): number {
    return Date.now() - this.#hadAt;
  }
}
