import type { JournalEntry } from '@reveille/contracts';
import { DeadlineExceeded, withDeadline } from '@reveille/lifecycle';
import { BrokerUnavailable, type EdgeId, type Router, type RouterListener } from '@reveille/orchestration';
import { Relay } from 'bullmq';
import { readEntry } from '../journal/read-entry.ts';
import type { Keys } from '../key/keys.ts';
import type { BrokerLogger } from '../logger.ts';
import { Complaints } from '../redis/complaints.ts';
import type { Link } from '../redis/link.ts';
import { refusalWords } from '../redis/refusal.ts';
import { batchEntries } from './batch-entries.ts';
import { checkEdge } from './check-edge.ts';
import { ProbedSubscription } from './probed-subscription.ts';

/** How long an edge that fell silent keeps its inbox (ms); it is renewed three times as often. */
const leaseMs = 15_000;
/** Messages kept for an edge that does not read; the oldest are dropped and it is told to read everything again. */
const inboxLength = 10_000;
const deadlineMs = 2000;
/** How often an edge proves that changes come to it (ms); twice that is the longest silence that is not noticed. */
const probeEveryMs = 5000;

/** Routing over BullMQ's Relay, one topic per edge. Its node is registered with the first use. */
export class BullmqRouter implements Router, AsyncDisposable {
  readonly #link: Link;
  readonly #keys: Keys;
  readonly #logger: BrokerLogger;
  readonly #probeEveryMs: number;
  #opened: Promise<Relay> | undefined;
  #present: Relay | undefined;

  constructor(link: Link, keys: Keys, logger: BrokerLogger, everyMs = probeEveryMs) {
    this.#link = link;
    this.#keys = keys;
    this.#logger = logger;
    this.#probeEveryMs = everyMs;
  }

  async publish(edge: EdgeId, entries: readonly JournalEntry[]): Promise<void> {
    const relay = await this.#relay();
    await this.#inTime(Promise.all(batchEntries(entries).map((batch) => relay.publish(topicOf(edge), batch))));
  }

  async publishGap(edge: EdgeId): Promise<void> {
    await this.#inTime((await this.#relay()).publish(topicOf(edge), gap));
  }

  async subscribe(edge: EdgeId, listener: RouterListener): Promise<AsyncDisposable> {
    const topic = topicOf(edge);
    return ProbedSubscription.open({
      open: (onData, fresh) => this.#subscribe(topic, listener, onData, fresh),
      publish: async (probe) => void (await this.#inTime((await this.#relay()).publish(topic, probe))),
      onData: (data) => this.#receive(data, listener),
      onHealed: () => listener.onGap('silent'),
      everyMs: this.#probeEveryMs,
      logger: this.#logger,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened === undefined) return;
    const closed = opened.then((relay) => relay.close());
    try {
      // Without Redis its end would wait for Redis; its lease there runs out by itself.
      await withDeadline(closed, this.#link.parts.of().unavailable() === undefined ? deadlineMs : 0);
    } catch (error) {
      this.#logger.debug({ err: error }, 'left the routing without saying goodbye');
    }
  }

  async #subscribe(
    topic: string,
    listener: RouterListener,
    onData: (data: unknown) => void,
    fresh: boolean,
  ): Promise<AsyncDisposable> {
    const relay = await (fresh ? this.#replaced() : this.#relay());
    const onRecovered = (): void => listener.onGap('recovered');
    const onLag = (): void => listener.onGap('lag');
    const subscription = await this.#inTime(relay.subscribe<unknown>(topic, ({ data }) => onData(data)));
    relay.on('recovered', onRecovered);
    relay.on('lag', onLag);
    return {
      [Symbol.asyncDispose]: async () => {
        relay.off('recovered', onRecovered);
        relay.off('lag', onLag);
        await this.#inTime(subscription.unsubscribe()).catch((error: unknown) => {
          // The node's lease ends without us, and its topic with it; that of a replaced node has ended.
          if (!(error instanceof BrokerUnavailable) && this.#isPresent(relay)) throw error;
        });
      },
    };
  }

  #isPresent(relay: Relay): boolean {
    return relay === this.#present;
  }

  /** Another node instead of the present one, which is left to end on its own. */
  async #replaced(): Promise<Relay> {
    const silent = this.#present;
    const relay = await this.#open();
    this.#opened = Promise.resolve(relay);
    withDeadline(silent?.close() ?? Promise.resolve(), deadlineMs).catch((error: unknown) =>
      this.#logger.debug({ err: error }, 'a silent node of the routing did not end'),
    );
    return relay;
  }

  #receive(data: unknown, listener: RouterListener): void {
    if (isGap(data)) return listener.onGap(data.gap);
    for (const value of Array.isArray(data) ? data : [data]) {
      const entry = readEntry(value);
      if (entry !== undefined) listener.onEntry(entry);
      else
        this.#logger.error(
          { value: JSON.stringify(value).slice(0, 200) },
          'what was routed here is no entry of this version',
        );
    }
  }

  #relay(): Promise<Relay> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #open(): Promise<Relay> {
    const client = this.#link.open('engine');
    const relay = new Relay({
      connection: client,
      prefix: this.#keys.root,
      namespace: 'edges',
      leaseDuration: leaseMs,
      inboxMaxLength: inboxLength,
      skipVersionCheck: true,
    });
    const complaints = new Complaints(this.#logger, 'routing has a fault');
    relay.on('error', (error: unknown) => complaints.say(error));
    relay.on('recovered', () => complaints.over());
    try {
      await this.#inTime(relay.waitUntilReady());
      this.#present = relay;
      return relay;
    } catch (error) {
      await withDeadline(relay.close(), deadlineMs).catch(() => undefined);
      this.#link.connections.end(client);
      throw error;
    }
  }

  /** Relay waits for Redis for ever; those who route do not. */
  async #inTime<T>(work: Promise<T>): Promise<T> {
    const away = this.#link.parts.of().unavailable();
    if (away !== undefined) {
      work.catch(() => undefined);
      throw new BrokerUnavailable(away);
    }
    try {
      return await withDeadline(work, deadlineMs, { reason: 'routing' });
    } catch (error) {
      const words = error instanceof DeadlineExceeded ? error.message : refusalWords(error);
      if (words === undefined) throw error;
      throw new BrokerUnavailable(words, { cause: error });
    }
  }
}

/** Not an entry, and no list of them. */
const gap = { gap: 'trimmed' } as const;

function isGap(data: unknown): data is typeof gap {
  return typeof data === 'object' && data !== null && 'gap' in data && data.gap === gap.gap;
}

function topicOf(edge: EdgeId): string {
  return `edge.${checkEdge(edge)}`;
}
