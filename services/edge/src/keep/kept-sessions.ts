import { createHash } from 'node:crypto';
import { interval, withDeadline } from '@reveille/lifecycle';
import type { EdgeId, ResumeBounds, ResumedSession, SessionOwner, SessionStore } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import { KeptSession } from './kept-session.ts';
import { withUnkept } from './with-unkept.ts';

type Options = {
  edge: EdgeId;
  store: SessionStore;
  /** A limit was reached; `limit` is one of few names. */
  onLimit: (limit: string) => void;
  logger: Logger;
  leaseMs: number;
  /** Bound of one call on a user's way. */
  brokerMs: number;
};

/** `user`: scope key. `key`: the resume key itself, of which only a digest is kept. */
export type Identity = { session: string; entrypoint: string; user: string; key: string };

/** What the client has of it: every message up to `lastSeq`; and what it was told is accepted, where it says so. */
export type Had = { readonly lastSeq: number; readonly unanswered?: readonly string[] | undefined };

export type Resumed = { kept: KeptSession; from: ResumedSession };

/** Signs of life that are under way at once. */
const renewalsAtOnce = 100;
/** A session that says nothing gives a sign of life at least so often: it costs the store next to nothing. */
const longestRenewalMs = 30_000;
/** A session outlives the loss of so many signs of life. */
const renewalsPerLife = 3;

type Open = { readonly bounds: ResumeBounds; renewAt: number };

/** The sessions of this edge as they are kept for a reconnect: given signs of life together, and taken over by their clients' return. */
export class KeptSessions implements AsyncDisposable {
  readonly #options: Options;
  /** Bounded by the sockets of this edge. */
  readonly #open = new Map<KeptSession, Open>();
  readonly #renewal: AsyncDisposable;
  readonly #ending = new AbortController();

  constructor(options: Options) {
    this.#options = options;
    this.#renewal = interval(options.leaseMs / 3, () => this.#renew(), {
      jitter: 0.1,
      onError: (error) => options.logger.warn({ err: error }, 'sessions could not be renewed; trying again'),
    });
  }

  /** A new session; kept in the background, since its user waits for the welcome. Undefined where the entrypoint keeps none. */
  begin(identity: Identity, bounds: ResumeBounds, logger: Logger): KeptSession | undefined {
    if (bounds.windowMs === 0) return undefined;
    return this.#track(new KeptSession(this.#partsOf(identity, bounds, logger)), bounds);
  }

  /** `forbidden`: the key is not that of the session and its user. Undefined: it cannot be continued whole, a new one has to begin. */
  async resume(
    identity: Identity,
    { lastSeq, unanswered = [] }: Had,
    bounds: ResumeBounds,
    logger: Logger,
  ): Promise<Resumed | 'forbidden' | undefined> {
    if (bounds.windowMs === 0) return undefined;
    const { edge, store, brokerMs } = this.#options;
    try {
      const call = store.takeOver(ownerOf(identity), { edge, lastSeq, windowMs: this.#ttlOf(bounds) });
      const taken = await withDeadline(call, brokerMs, { reason: 'the session that is resumed' });
      if ('refused' in taken) {
        logger.info({ refused: taken.refused, last_seq: lastSeq }, 'a session could not be resumed');
        return taken.refused === 'forbidden' ? 'forbidden' : undefined;
      }
      const kept = new KeptSession(this.#partsOf(identity, bounds, logger), taken);
      const from = withUnkept(taken, unanswered);
      for (const { id, generation } of from.unanswered.slice(taken.unanswered.length)) void kept.accept(id, generation);
      return { kept: this.#track(kept, bounds), from };
    } catch (error) {
      // Nobody can say what the client has missed; that is what `resumed: false` means.
      logger.warn({ err: error }, 'a session could not be resumed: the store did not answer');
      return undefined;
    }
  }

  /** The socket is gone. `over`: and so is the conversation. */
  async close(kept: KeptSession, over: boolean): Promise<void> {
    const windowMs = this.#open.get(kept)?.bounds.windowMs;
    if (!this.#open.delete(kept) || windowMs === undefined || kept.isTakenOver) return;
    await (over ? kept.end() : kept.leave(windowMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#renewal[Symbol.asyncDispose]();
  }

  #track(kept: KeptSession, bounds: ResumeBounds): KeptSession {
    this.#open.set(kept, { bounds, renewAt: performance.now() + this.#renewalMs(bounds) });
    return kept;
  }

  #partsOf(identity: Identity, bounds: ResumeBounds, logger: Logger) {
    const { edge, store, onLimit } = this.#options;
    const windowMs = this.#ttlOf(bounds);
    const onFull = (): void => onLimit('sessions_bytes');
    return {
      owner: ownerOf(identity),
      edge,
      store,
      bounds: { ...bounds, windowMs },
      onFull,
      logger,
      signal: this.#ending.signal,
    };
  }

  /** Each session in its own time, so that they are spread as their users came. */
  async #renew(): Promise<void> {
    const now = performance.now();
    const due = [...this.#open].filter(([kept, { renewAt }]) => renewAt <= now && kept.hold !== undefined);
    const byWindow = Map.groupBy(due, ([, { bounds }]) => bounds.windowMs);
    for (const [windowMs, sessions] of byWindow) {
      for (let first = 0; first < sessions.length; first += renewalsAtOnce)
        await this.#renewSome(sessions.slice(first, first + renewalsAtOnce), windowMs);
    }
  }

  async #renewSome(sessions: readonly (readonly [KeptSession, Open])[], windowMs: number): Promise<void> {
    const held = new Map(sessions.flatMap(([kept]) => (kept.hold === undefined ? [] : [[kept.hold, kept] as const])));
    const lost = await this.#options.store.renew([...held.keys()], this.#ttlOf({ windowMs }));
    for (const hold of lost) held.get(hold)?.lose();
    const renewAt = performance.now() + this.#renewalMs({ windowMs });
    for (const [, open] of sessions) open.renewAt = renewAt;
  }

  #renewalMs({ windowMs }: Pick<ResumeBounds, 'windowMs'>): number {
    return Math.max(this.#options.leaseMs / renewalsPerLife, Math.min(windowMs / 4, longestRenewalMs));
  }

  /** As long as its socket stands a session is renewed; its window begins when the socket, or this edge, is gone. */
  #ttlOf(bounds: Pick<ResumeBounds, 'windowMs'>): number {
    return bounds.windowMs + renewalsPerLife * this.#renewalMs(bounds);
  }
}

function ownerOf({ session, entrypoint, user, key }: Identity): SessionOwner {
  return { session, entrypoint, user, keyDigest: createHash('sha256').update(key).digest('base64url') };
}
