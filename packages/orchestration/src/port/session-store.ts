import type { EdgeId } from './ledger.ts';

/** Whose a kept session is. `user` is a scope key, never a raw id; `keyDigest` the digest of the resume key that its client holds. */
export type SessionOwner = { session: string; entrypoint: string; user: string; keyDigest: string };

/** The one edge that a session belongs to at the moment. A takeover mints a higher epoch; what the older one still writes is refused. */
export type SessionHold = { session: string; epoch: number };

/** How much of what went to the user is kept for a reconnect, and for how long after the last sign of life. */
export type ResumeBounds = { windowMs: number; messages: number; bytes: number };

/** One frame on its way to the user. `seq` counts them from 1; `stored` is the service's own number of the last one that is kept. */
export type KeptMessage = { seq: number; stored: number; frame: string; answered?: string };

/**
 * `keep`: a `seq` beyond the next begins anew, since what lies before cannot be given whole any more; one that is not above the last
 * changes nothing. `accept`: the service has this message of the user, or is about to.
 */
export type SessionWrite = { kind: 'keep'; message: KeptMessage } | { kind: 'accept'; id: string; generation: number };

/**
 * `full`: with it all sessions would hold more than they may, so that of this session's messages the oldest gave way, or this one.
 * `known`: the id was accepted before. `other_edge`: the session was taken over. `unknown`: the store has forgotten it (its time was over,
 * or the store was emptied).
 */
export type SessionWriteResult = 'kept' | 'full' | 'known' | 'other_edge' | 'unknown';

/** A message that was accepted and whose answer is not complete. `generation`: of the instance that it was accepted for. */
export type UnansweredMessage = { id: string; generation: number };

export type ResumedSession = {
  epoch: number;
  /** That of the edge before. */
  formerEpoch: number;
  /** The numbers of the last message, ours and the service's. */
  seq: number;
  stored: number;
  /** Frames after the `lastSeq` that was asked for, in order and whole. */
  frames: string[];
  /** Ids that were accepted, oldest first, bounded; and those of them whose answer is not complete. */
  accepted: string[];
  unanswered: UnansweredMessage[];
  /** Of the instance that the last of them was accepted for; absent when none was. */
  generation?: number;
};

export type TakeOverRefusal =
  /** Not known (any more), or what the client has missed cannot be given whole. */
  | { refused: 'unknown' | 'incomplete' }
  /** The key, the user or the entrypoint is another. */
  | { refused: 'forbidden' };

/**
 * What outlives a socket and an edge: the numbers of a session, what its user may have missed, and which messages were accepted. Every
 * call is one round trip and rejects with `BrokerUnavailable` when the store is away; calls of one process land in their order.
 */
export interface SessionStore {
  /**
   * Keeps a session from now on, whatever was kept under its name: also again, from these numbers, after the store forgot it.
   * `full`: all sessions together hold as much as they may; this one is not kept.
   */
  begin(
    owner: SessionOwner,
    of: { edge: EdgeId; seq: number; stored: number; windowMs: number },
  ): Promise<{ epoch: number } | { refused: 'full' }>;
  /** Continues it at this edge, for a client that has everything up to `lastSeq`. */
  takeOver(
    owner: SessionOwner,
    of: { edge: EdgeId; lastSeq: number; windowMs: number },
  ): Promise<ResumedSession | TakeOverRefusal>;
  /** One result for each write, in their order. */
  write(hold: SessionHold, writes: readonly SessionWrite[], bounds: ResumeBounds): Promise<SessionWriteResult[]>;
  /** The client has everything up to `seq`: it may be forgotten. */
  received(hold: SessionHold, seq: number): Promise<void>;
  /** Signs of life, for `windowMs` each. Returns those that this edge holds no longer. */
  renew(holds: readonly SessionHold[], windowMs: number): Promise<SessionHold[]>;
  /** The conversation is over: nothing is kept. Ignored when another edge has it. */
  end(hold: SessionHold): Promise<void>;
  /** `undefined` when the store answers, else why not, in words. */
  unavailable(): string | undefined;
}
