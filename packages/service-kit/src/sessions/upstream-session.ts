import type { UpstreamCommand } from '@reveille/contracts';

export type Json = Extract<UpstreamCommand, { type: 'deliver' }>['data'];

export type SessionMessage = { id: string; data: Json };

export type EmitOptions = {
  /** The id of the message that this answers. */
  re?: string;
  /** Nothing more comes for `re`. */
  final?: boolean;
};

/** One user's conversation as the service sees it. It outlives the connections of the edge that carry it. */
export interface UpstreamSession {
  readonly id: string;
  readonly user: string;
  readonly tenant?: string;
  /** Of the newest token of the user: an edge connects again when they change. Look at them for each message. Absent without a checked assertion. */
  readonly roles: readonly string[] | undefined;
  /** The generation of this service that the edge connected to. */
  readonly generation: number;
  /** The trace that the edge opened this session in. */
  readonly traceparent?: string;
  /**
   * The user's messages in order, each id once. Pulling one is what tells the edge `taken`: from then on it is the service's to answer.
   * Ends when the session ends. Several readers share the messages, they do not copy them.
   */
  readonly messages: AsyncIterable<SessionMessage>;
  /**
   * Says something to the user. Resolves when it is numbered and kept for the edge, at once unless too much is unconfirmed
   * (`keptMessages`, `keptBytes`): then when the edge has confirmed enough. Also works while the edge is away. Await it.
   *
   * @throws the reason of `signal` when the session has ended; TypeError when `data` is not JSON; RangeError when it exceeds `frameBytes`
   */
  emit(data: Json, options?: EmitOptions): Promise<void>;
  /** Aborted when the session is over: ended by the edge, the edge gone longer than `lingerMs`, or the service stopping. */
  readonly signal: AbortSignal;
}
