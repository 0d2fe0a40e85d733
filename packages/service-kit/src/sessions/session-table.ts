import { upstreamCloseCodes } from '@reveille/contracts';
import type { WebSocket } from 'ws';
import type { Visitor } from './admit.ts';
import { LiveSession } from './live-session.ts';
import type { SessionLimits } from './session-limits.ts';
import type { UpstreamSession } from './upstream-session.ts';

type UpstreamClose = (typeof upstreamCloseCodes)[keyof typeof upstreamCloseCodes];

/** Ids of an ended session that are worth remembering: more than an edge has in flight. */
const rememberedIds = 256;

/** All sessions of the service, by id, and what must be remembered of those that have ended. */
export class SessionTable {
  readonly #live = new Map<string, LiveSession>();
  /** Oldest first. */
  readonly #ended = new Map<string, { user: string; taken: string[] }>();
  readonly #limits: SessionLimits;
  readonly #lingerMs: number;
  readonly #onSession: (session: UpstreamSession) => void | Promise<void>;

  constructor(options: {
    limits: SessionLimits;
    lingerMs: number;
    onSession: (session: UpstreamSession) => void | Promise<void>;
  }) {
    this.#limits = options.limits;
    this.#lingerMs = options.lingerMs;
    this.#onSession = options.onSession;
  }

  refuses(visitor: Visitor): { status: 403 | 503; reason: string } | undefined {
    const known = this.#live.get(visitor.session);
    if (known && !belongsTo(known.upstream, visitor))
      return { status: 403, reason: 'the session belongs to another user' };
    if (!known && this.#live.size >= this.#limits.sessions) return { status: 503, reason: 'too many sessions' };
    return undefined;
  }

  /** Whether what this edge has is continued here; else the session begins, or begins anew. */
  knows({ session, stored }: Pick<Visitor, 'session' | 'stored'>): boolean {
    return this.#live.get(session)?.continuesFrom(stored) ?? false;
  }

  attach(connection: WebSocket, visitor: Visitor): void {
    const known = this.#live.get(visitor.session);
    if (known?.continuesFrom(visitor.stored)) return known.attach(connection, visitor);
    // What the edge has and what is kept leave a gap that nobody can fill. Numbering goes on where the edge is; nothing is taken twice.
    known?.end(upstreamCloseCodes.replaced, 'the edge lost what was emitted in between');
    const session = this.#open(visitor);
    session.attach(connection, visitor);
    void this.#run(session);
  }

  end(why: UpstreamClose, reason: string): void {
    for (const session of this.#live.values()) session.end(why, reason);
  }

  #open(visitor: Visitor): LiveSession {
    const { session: id } = visitor;
    const earlier = this.#ended.get(id);
    this.#ended.delete(id);
    const session: LiveSession = new LiveSession(visitor, {
      limits: this.#limits,
      lingerMs: this.#lingerMs,
      taken: earlier?.user === visitor.user ? earlier.taken : [],
      onEnd: () => this.#forget(id, session),
    });
    this.#live.set(id, session);
    return session;
  }

  async #run(session: LiveSession): Promise<void> {
    try {
      await this.#onSession(session.upstream);
    } catch (error) {
      // Code that was interrupted by the end of its session is no fault.
      if (session.upstream.signal.aborted) return;
      console.error(`reveille: session ${session.upstream.id} ended, its handler failed:`, error);
      session.end(upstreamCloseCodes.handlerFailed, 'its handler failed');
    }
  }

  #forget(id: string, session: LiveSession): void {
    if (this.#live.get(id) === session) this.#live.delete(id);
    this.#ended.set(id, { user: session.user, taken: [...session.takenIds].slice(-rememberedIds) });
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= this.#limits.endedSessions) break;
      this.#ended.delete(oldest);
    }
  }
}

function belongsTo(session: UpstreamSession, visitor: Visitor): boolean {
  return session.user === visitor.user && session.tenant === visitor.tenant;
}
