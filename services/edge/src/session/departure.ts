/** A client is told to come back after a pause of its own of at most so many milliseconds. */
const reconnectSpreadMs = 500;
/** What other edges can take in when this one goes: a session each so many milliseconds, within half of the drain time. */
const spreadPerSessionMs = 5;

/** When a session is told to go, and when its client is to come back, counted from there. */
export type Departure = { readonly inMs: number; readonly reconnectInMs: number };

/** Of one of so many sessions of an edge that goes away: each at a moment of its own. */
export function departureOf(sessions: number, drainMs: number): Departure {
  const spreadMs = Math.min(sessions * spreadPerSessionMs, drainMs / 2);
  return { inMs: Math.random() * spreadMs, reconnectInMs: Math.round(Math.random() * reconnectSpreadMs) };
}
