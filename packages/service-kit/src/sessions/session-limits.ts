/** Bounds of what `serveSessions` holds, per session unless said otherwise. */
export type SessionLimits = {
  /** Largest frame in either direction. */
  frameBytes: number;
  /** Delivered messages that the service has not pulled yet; above it the connection is closed 1013 and the edge redelivers later. */
  inboxMessages: number;
  inboxBytes: number;
  /** Emitted frames that the edge has not confirmed as stored; above it `emit` waits. */
  keptMessages: number;
  keptBytes: number;
  /** Calls of `emit` that may wait at once; one more is an error of the service, which should await them. */
  waitingEmits: number;
  /** Ids of taken messages remembered, so that a redelivery is not taken twice. Larger than what an edge has in flight. */
  takenIds: number;
  /** Sessions alive at once in this service; one more is refused with 503. */
  sessions: number;
  /** Ended sessions whose taken ids are still remembered, for an edge that comes back late. */
  endedSessions: number;
};

export const defaultSessionLimits: SessionLimits = {
  frameBytes: 16_777_216,
  inboxMessages: 256,
  inboxBytes: 67_108_864,
  keptMessages: 1024,
  keptBytes: 16_777_216,
  waitingEmits: 1024,
  takenIds: 1024,
  sessions: 10_000,
  endedSessions: 1000,
};
