/** `user`: scope key, never a raw id. `limit`: messages per second. */
export type MessageRate = { entrypoint: string; user: string; limit: number };

/** `granted`: how many of the messages are within the limit. `resetMs`: when the second that they were counted in is over. */
export type GrantedMessages = { granted: number; resetMs: number };

/** What users say per second, counted over all edges. */
export interface MessageRates {
  /** Counts `messages` more. Never rejects: while the store is away each process counts for itself. */
  take(of: MessageRate, messages: number): Promise<GrantedMessages>;
}
