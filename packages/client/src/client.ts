import type { Closed } from './connection.ts';
import type { FrameListener } from './frame-listeners.ts';
import type { Json, OutboxBounds } from './outbox.ts';
import type { MessageFrame } from './answers.ts';
import type { ClientState } from './readiness.ts';
import type { ReconnectBounds } from './reconnect.ts';
import type { ReveilleError } from './reveille-error.ts';
import type { ServerFrame } from '@reveille/contracts';
import type { TokenProvider } from './token-renewal.ts';

/**
 * How a client takes up a session again, of its own or of one before it. The key is a secret. `unanswered`: ids of accepted messages without
 * an answer, at most 256; those that only a lost edge knew are named in `interrupted`, or answered all the same.
 */
export type Resume = { session: string; key: string; lastSeq: number; unanswered?: string[] };

export type ConnectOptions = {
  /** Base address of an edge: ws(s):// or http(s)://. */
  url: string;
  entrypoint: string;
  /**
   * A function is asked for every connection, and again before its token (a JWT with `exp`) has ended, so that the session goes on with the
   * next one. When it gives none in time the edge closes (4005), and the next connection asks again.
   */
  token?: string | TokenProvider;
  /** Who to be, at an edge that runs without authentication (development). */
  as?: { user: string; tenant?: string };
  /** What the edge logs about this client. */
  client?: { name: string; version: string };
  /** The session to take up, as another client of the same user and entrypoint left it (`ReveilleClient.resume`); `welcome` says whether that could be done. */
  resume?: Resume;
  /** Aborting it closes the client. */
  signal?: AbortSignal;
  /**
   * `false`: the first lost connection is the end. By default the client gives up after about half a minute when it was never welcomed, and after
   * about two minutes when it was. While the browser says that it is offline the client waits, and goes on when that is over.
   */
  reconnect?: boolean | Partial<ReconnectBounds>;
  outbox?: Partial<OutboxBounds>;
  /** Another implementation than the global one. */
  WebSocket?: typeof WebSocket;
};

export type SendOptions = {
  /** Unique in the session, at most 64 characters; a UUID by default. */
  id?: string;
};

export interface ReveilleClient extends AsyncDisposable {
  readonly state: ClientState;
  /** How the session could be taken up from here, such as after a reload of the page: once it was welcomed, until it is closed. */
  readonly resume: Resume | undefined;
  /** Why it is `failed` or `closed`. */
  readonly error: ReveilleError | undefined;
  /** Calls the listener with each new state. Returns the way to stop it. */
  onState(listener: (state: ClientState) => void): () => void;
  /**
   * Every frame of the wire from now on, in order, until the client is closed; each call is an iteration of its own. A reader that falls
   * behind by more than 4096 frames gets those, then an `overflow` error. A `message` that arrives again after a reconnect is not repeated,
   * nor is an id that an `interrupted` has named before.
   */
  frames(): AsyncIterable<ServerFrame>;
  /**
   * Calls the listener for each frame of a type, or of any (`*`). Returns the way to stop it. When a session cannot be resumed, listeners
   * for `interrupted` also get such a frame from the client itself, naming the accepted messages that have no final answer.
   */
  on<T extends ServerFrame['type'] | '*'>(type: T, listener: FrameListener<T>): () => void;
  /**
   * Sends a message to the service, held by the edge while it starts. Resolves when the edge has accepted it. At most 256 messages and
   * 32 MiB wait for that; until then they survive reconnects and are sent again under the same id.
   *
   * @throws ReveilleError with the code of `rejected`, or `interrupted`, `closed`, `too_many`, `too_large`
   */
  send(data: Json, options?: SendOptions): Promise<{ id: string }>;
  /**
   * Sends a message and gives the frames that answer it (those whose `re` is its id), up to the `final` one. It is sent at once, not at
   * the first read. At most 1024 frames wait for the reader (`overflow` after them). Needs a service that speaks `reveille.upstream.v1`.
   *
   * @throws ReveilleError from the iteration: as `send`, and `interrupted` when an accepted message may stay without an answer
   */
  ask(data: Json, options?: SendOptions & { signal?: AbortSignal }): AsyncIterable<MessageFrame>;
  /**
   * Resolves when the service answers.
   *
   * @throws ReveilleError with `failure` when the initialization failed; `closed`; the reason of the signal
   */
  ready(signal?: AbortSignal): Promise<void>;
  /** After a failure: asks for a new initialization. Does nothing in another state. */
  retry(): void;
  /** Leaves the initialization; the edge answers with `initialization_failed`, code `cancelled`, and closes. */
  cancel(): void;
  /** Ends the client. What waits is rejected with `closed`. */
  close(): void;
  /** When and why it ended for good. Never rejects. */
  readonly closed: Promise<Closed>;
}
