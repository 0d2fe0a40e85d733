import type { InstanceKey } from '@reveille/contracts';
import { withDeadline } from '@reveille/lifecycle';
import { type Ledger, timing } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';

/** A renewal without an answer for so long has failed: below the margin, so that trust ends before the lease does. */
const renewalDeadlineMs = 1000;

/**
 * Keeps a claim or a watch. It is trusted only until the holder's own monotonic clock says `renewed + ttl − margin`, since
 * nothing tells while Redis is away. Losing trust means: stop acting, commit nothing, let go. Not killing: another worker may
 * have adopted what runs.
 */
export class LeaseKeeper implements AsyncDisposable {
  readonly instance: InstanceKey;
  readonly epoch: number;
  readonly #ledger: Ledger;
  readonly #owner: string;
  readonly #logger: Logger;
  readonly #lost = new AbortController();
  readonly #onRenewed: () => void;
  #trustedUntil: number;
  #timer: NodeJS.Timeout;
  #ended = false;
  #renewal: Promise<void> = Promise.resolve();

  constructor(of: {
    ledger: Ledger;
    owner: string;
    instance: InstanceKey;
    epoch: number;
    logger: Logger;
    /** `performance.now()` taken before the commit that gave the lease was sent. */
    since: number;
    /** After each renewal: time to look whether all is as it should be. */
    onRenewed: () => void;
  }) {
    this.instance = of.instance;
    this.epoch = of.epoch;
    this.#ledger = of.ledger;
    this.#owner = of.owner;
    this.#logger = of.logger;
    this.#onRenewed = of.onRenewed;
    this.#trustedUntil = of.since + timing.leaseTtlMs.value - timing.trustMarginMs.value;
    this.#timer = this.#schedule();
  }

  /** Aborts when the lease is somebody else's or can no longer be trusted. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** May the holder act now? Checked before each commit, since a blocked event loop runs no timers. */
  trusted(): boolean {
    return !this.#lost.signal.aborted && performance.now() < this.#trustedUntil;
  }

  /** Asks the ledger itself, before something that cannot be taken back: a ledger that lost writes may have given it to another. */
  async confirmed(): Promise<boolean> {
    return this.trusted() && (await this.#ask()) && this.trusted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    await this.#renewal;
  }

  #schedule(): NodeJS.Timeout {
    const untilDistrust = this.#trustedUntil - performance.now();
    const wait = Math.max(0, Math.min(timing.leaseRenewMs.value, untilDistrust));
    return setTimeout(() => {
      this.#renewal = this.#renew();
    }, wait);
  }

  async #renew(): Promise<void> {
    if (await this.#ask()) {
      if (this.#ended) return;
      this.#onRenewed();
    }
    if (this.#ended || this.#lost.signal.aborted) return;
    if (!this.trusted()) return this.#lose('it could not be renewed in time');
    this.#timer = this.#schedule();
  }

  /** True when the ledger said that it is held. */
  async #ask(): Promise<boolean> {
    const sentAt = performance.now();
    const holder = { owner: this.#owner, epoch: this.epoch, ttlMs: timing.leaseTtlMs.value };
    try {
      const { held } = await withDeadline(this.#ledger.renew(this.instance, holder), renewalDeadlineMs, {
        reason: 'the renewal of a lease',
      });
      if (held) this.#trustedUntil = sentAt + timing.leaseTtlMs.value - timing.trustMarginMs.value;
      else this.#lose('it is held by another or the record moved on');
      return held;
    } catch (error) {
      this.#logger.warn({ instance: this.instance, err: error }, 'a lease could not be renewed');
      return false;
    }
  }

  #lose(why: string): void {
    if (this.#ended || this.#lost.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#lost.abort(new LeaseLost(this.instance, why));
  }
}

export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
  constructor(instance: InstanceKey, why: string) {
    super(`the lease of ${instance} is lost: ${why}`);
  }
}
