/** What is counted: messages of a user (a scope key, never a raw id) at an entrypoint, or handshakes of a client address. `limit`: per second. */
export type Rate =
  | { of: 'messages'; entrypoint: string; user: string; limit: number }
  | { of: 'handshakes'; address: string; limit: number };

/** `granted`: how many are within the limit. `resetMs`: when the second that they were counted in is over. */
export type Granted = { granted: number; resetMs: number };

/** What comes per second, counted over all edges. */
export interface Rates {
  /** Counts `count` more. Never rejects: while the store is away each process counts for itself. */
  take(rate: Rate, count: number): Promise<Granted>;
}
