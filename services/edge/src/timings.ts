/** Every wait of the edge, in milliseconds, and its two byte bounds. One table, so that `ARCHITECTURE.md` and tests can point at it. */
export const defaultTimings = {
  /** `hello` must come within this (protocol). */
  helloMs: 10_000,
  /** Application `ping`; no `pong` until the next one closes 4012, unless the client still takes what was written before. */
  heartbeatMs: 15_000,
  /** How long interest, connection leases and the membership of this edge outlive it; renewed each third. */
  leaseMs: 15_000,
  /** Plans with waiters are read again so often; a younger reading is fresh enough for one more user. */
  rereadMs: 2_000,
  /** A call on a user's way that the broker has not answered by then counts as `broker_unavailable`. */
  brokerMs: 2_000,
  /** A retryable failure keeps the socket for its `retryAfterMs` and this. */
  retryLingerMs: 60_000,
  /** `initialization_slow` is repeated so often. */
  slowEveryMs: 10_000,
  /** When a failure of the edge's own (deadline, refused upstream, broker away) may be tried again. */
  ownRetryAfterMs: 1_000,
  /** Pauses between connection attempts to an upstream that refuses: first, and longest. */
  connectBackoffMs: 50,
  connectBackoffMaxMs: 1_000,
  /** One upstream handshake. */
  handshakeMs: 5_000,
  /** A connection to an upstream that ends within this counts as a refused one. */
  stableMs: 1_000,
  /** A client that says too much for so long loses its socket (4013). */
  rateLimitedMs: 10_000,
  /** A client that takes nothing of more than `pauseBytes` for so long, or that more than `outboxBytes` waits for, is closed 4008. */
  slowClientMs: 10_000,
  outboxBytes: 8_388_608,
  /** The upstream is paused while the client's buffer is above this. */
  pauseBytes: 1_048_576,
  /** Orderly end: sockets that have not closed by then are cut. */
  drainMs: 5_000,
} as const;
export type EdgeTimings = { readonly [K in keyof typeof defaultTimings]: number };
