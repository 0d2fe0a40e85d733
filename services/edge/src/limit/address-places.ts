import { interval, withDeadline } from '@reveille/lifecycle';
import type { Addresses, EdgeId } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';

type Options = {
  edge: EdgeId;
  addresses: Addresses;
  /** Sockets of one address over all edges. */
  limit: number;
  logger: Logger;
  leaseMs: number;
  brokerMs: number;
};

/** The place of one socket. Disposed when it closes. */
type Place = Disposable & { readonly onRefused: () => void };

/** Of one address: its sockets here in the order they came, those of them that were granted, and what other edges have. */
type Presence = {
  readonly open: Set<Place>;
  readonly granted: Set<Place>;
  others: number;
  askedAt: number;
  isAsking: boolean;
  changed: boolean;
};

/** What is known of other edges is asked for again so often at most, on the way of those who are refused for it (ms). */
const refreshMs = 250;
/** Addresses that are renewed at once. */
const renewalsAtOnce = 100;

/**
 * Sockets per client address over all edges. Nobody waits for the count: a socket that may come by what is known comes, while it is claimed;
 * when that is refused, it is told to go. What edges have is leased, so that a dead one's sockets leave by themselves.
 */
export class AddressPlaces implements AsyncDisposable {
  readonly #options: Options;
  /** Bounded by the open sockets, and for as long as the last answer is under way. */
  readonly #of = new Map<string, Presence>();
  readonly #renewal: AsyncDisposable;
  #complained = false;

  constructor(options: Options) {
    this.#options = options;
    this.#renewal = interval(options.leaseMs / 3, () => this.#renew(), {
      jitter: 0.1,
      onError: (error) =>
        options.logger.warn({ err: error }, 'sockets of addresses could not be counted; trying again'),
    });
  }

  /** A place, or undefined when the address has as many as it may. `onRefused`: other edges had the last places already. */
  take(address: string, onRefused: () => void): Disposable | undefined {
    const presence = this.#of.get(address) ?? begin();
    this.#of.set(address, presence);
    if (presence.open.size + presence.others >= this.#options.limit) {
      if (performance.now() >= presence.askedAt + refreshMs) this.#tell(address, presence);
      return undefined;
    }
    const place: Place = {
      onRefused,
      [Symbol.dispose]: () => {
        if (presence.open.delete(place)) this.#tell(address, presence);
        presence.granted.delete(place);
      },
    };
    presence.open.add(place);
    this.#tell(address, presence);
    return place;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#renewal[Symbol.asyncDispose]();
    const { addresses, edge, leaseMs: ttlMs, brokerMs, logger } = this.#options;
    const left = [...this.#of.keys()].map((address) => ({ address, own: 0 }));
    try {
      await withDeadline(addresses.renew(left, { edge, ttlMs }), brokerMs, { reason: 'the sockets of addresses' });
    } catch (error) {
      logger.warn({ err: error }, 'sockets of addresses could not be given up; they run out by themselves');
    }
  }

  /** One claim of an address is under way at a time; what changes meanwhile goes with the next. */
  #tell(address: string, presence: Presence): void {
    presence.changed = true;
    if (!presence.isAsking) void this.#ask(address, presence);
  }

  async #ask(address: string, presence: Presence): Promise<void> {
    presence.isAsking = true;
    while (presence.changed) {
      presence.changed = false;
      presence.askedAt = performance.now();
      const asked = [...presence.open];
      const granted = await this.#claim(address, asked.length, presence);
      const waiting = asked.filter((place) => presence.open.has(place) && !presence.granted.has(place));
      const places = Math.max(0, granted - presence.granted.size);
      for (const place of waiting.slice(0, places)) presence.granted.add(place);
      for (const place of waiting.slice(places)) {
        presence.open.delete(place);
        place.onRefused();
      }
    }
    presence.isAsking = false;
    if (presence.open.size === 0) this.#of.delete(address);
  }

  /** How many of `own` are granted. While the broker is away, each edge counts for itself. */
  async #claim(address: string, own: number, presence: Presence): Promise<number> {
    const { addresses, edge, limit, leaseMs: ttlMs, brokerMs, logger } = this.#options;
    try {
      const claim = addresses.claim({ address, own }, { edge, limit, ttlMs });
      const answer = await withDeadline(claim, brokerMs, { reason: 'the sockets of an address' });
      presence.others = answer.others;
      this.#complained = false;
      return answer.granted;
    } catch (error) {
      if (!this.#complained)
        logger.warn({ err: error }, 'sockets of addresses are counted by this edge alone meanwhile');
      this.#complained = true;
      presence.others = 0;
      return own;
    }
  }

  async #renew(): Promise<void> {
    const { addresses, edge, leaseMs: ttlMs } = this.#options;
    const all = [...this.#of];
    for (let first = 0; first < all.length; first += renewalsAtOnce) {
      const some = all.slice(first, first + renewalsAtOnce).filter(([, { isAsking }]) => !isAsking);
      const counts = some.map(([address, { open }]) => ({ address, own: open.size }));
      const others = await addresses.renew(counts, { edge, ttlMs });
      for (const [at, [, presence]] of some.entries()) presence.others = others[at] ?? presence.others;
    }
  }
}

function begin(): Presence {
  return { open: new Set(), granted: new Set(), others: 0, askedAt: 0, isAsking: false, changed: false };
}
