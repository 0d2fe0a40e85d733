import { interval } from '@reveille/lifecycle';
import { BrokerUnavailable } from '@reveille/orchestration';
import type { BrokerLogger } from '../logger.ts';

/** What an edge says to itself, the way that changes come to it. */
type Probe = { readonly probe: number };

export type ProbedSubscriptionOf = {
  /** Subscribes; `fresh`: over a node of its own, since the present one may be what is silent. */
  open(onData: (data: unknown) => void, fresh: boolean): Promise<AsyncDisposable>;
  publish(probe: Probe): Promise<void>;
  onData(data: unknown): void;
  /** Nothing came for a while, and now it does again. */
  onHealed(): void;
  readonly everyMs: number;
  readonly logger: BrokerLogger;
};

/**
 * A subscription that is known to be heard: each `everyMs` something is published for it as changes are, and when that has not come by the
 * next time it is opened anew. A silent one looks like one where nothing happens.
 */
export class ProbedSubscription implements AsyncDisposable {
  readonly #of: ProbedSubscriptionOf;
  readonly #probing: AsyncDisposable;
  #current: AsyncDisposable | undefined;
  #sent = 0;
  #heard = 0;

  private constructor(of: ProbedSubscriptionOf) {
    this.#of = of;
    this.#probing = interval(of.everyMs, () => this.#probe(), {
      jitter: 0.1,
      onError: (error) => {
        // Redis being away is told by those who notice first.
        const level = error instanceof BrokerUnavailable ? 'debug' : 'error';
        of.logger[level]({ err: error }, 'it could not be probed whether changes come here');
      },
    });
  }

  static async open(of: ProbedSubscriptionOf): Promise<ProbedSubscription> {
    const subscription = new ProbedSubscription(of);
    try {
      subscription.#current = await of.open(subscription.#hear, false);
      return subscription;
    } catch (error) {
      await subscription[Symbol.asyncDispose]();
      throw error;
    }
  }

  #hear = (data: unknown): void => {
    if (isProbe(data)) this.#heard = Math.max(this.#heard, data.probe);
    else this.#of.onData(data);
  };

  async #probe(): Promise<void> {
    if (this.#heard < this.#sent) await this.#renew();
    const next = this.#sent + 1;
    await this.#of.publish({ probe: next });
    this.#sent = next;
  }

  async #renew(): Promise<void> {
    const { logger, open, onHealed, everyMs } = this.#of;
    const silent = this.#current;
    this.#current = await open(this.#hear, true);
    this.#heard = this.#sent;
    logger.error({ everyMs }, 'changes did not come here any more, so they were subscribed anew');
    onHealed();
    await silent?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#probing[Symbol.asyncDispose]();
    await this.#current?.[Symbol.asyncDispose]();
  }
}

function isProbe(data: unknown): data is Probe {
  return typeof data === 'object' && data !== null && 'probe' in data && typeof data.probe === 'number';
}
