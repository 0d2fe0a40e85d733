import { interval, withDeadline } from '@reveille/lifecycle';
import type { Connections } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';

/** The place of one socket among those of its user. `user`: scope key, never a raw id. */
export type Place = { readonly entrypoint: string; readonly user: string; readonly connection: string };

type Options = { connections: Connections; logger: Logger; leaseMs: number; brokerMs: number };

/** Places of this edge's sockets among all sockets of their users over all edges: leased, renewed in one call for all. */
export class ConnectionLeases implements AsyncDisposable {
  readonly #options: Options;
  /** Bounded by the sockets of this edge. */
  readonly #held = new Set<Place>();
  readonly #renewal: AsyncDisposable;
  /** What was said of the outage that lasts. */
  readonly #complaints = new Set<string>();

  constructor(options: Options) {
    this.#options = options;
    const { connections, leaseMs, logger } = options;
    this.#renewal = interval(leaseMs / 3, () => this.#held.size > 0 && connections.renew([...this.#held], leaseMs), {
      jitter: 0.1,
      onError: (error) => logger.warn({ err: error }, 'places of connections could not be renewed; trying again'),
    });
  }

  /**
   * False when the user holds `limit` connections already. While the broker is away nobody can count them: the socket is let in,
   * to be told in words what cannot be had, and its place is taken with the next renewal.
   */
  async acquire(place: Place, limit: number): Promise<boolean> {
    const { connections, leaseMs, brokerMs } = this.#options;
    try {
      const call = connections.acquire({ ...place, limit, ttlMs: leaseMs });
      const answer = await withDeadline(call, brokerMs, { reason: 'the connections of the user' });
      this.#complaints.clear();
      if (!answer.acquired) return false;
    } catch (error) {
      this.#complain(error, 'the connections of users cannot be counted');
    }
    this.#held.add(place);
    return true;
  }

  async release(place: Place): Promise<void> {
    if (!this.#held.delete(place)) return;
    const { connections, brokerMs } = this.#options;
    try {
      await withDeadline(connections.release(place), brokerMs, { reason: 'the place of a connection' });
      this.#complaints.clear();
    } catch (error) {
      this.#complain(error, 'the places of connections cannot be released; they run out by themselves');
    }
  }

  /** Each once for an outage: it concerns thousands of connections. */
  #complain(error: unknown, words: string): void {
    if (!this.#complaints.has(words)) this.#options.logger.warn({ err: error }, words);
    this.#complaints.add(words);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#renewal[Symbol.asyncDispose]();
    await Promise.all([...this.#held].map((place) => this.release(place)));
  }
}
