/**
 * Close codes of the client socket. 4000–4499: the client may reconnect; 4500–4999: it may not.
 * `reason` is sent with the code (at most 123 bytes).
 */
export const closeCodes = {
  done: { code: 1000, reason: 'done', reconnect: false },
  tooLarge: { code: 1009, reason: 'frame too large', reconnect: false },
  draining: { code: 1012, reason: 'draining, reconnect', reconnect: true },
  tryLater: { code: 1013, reason: 'try again later', reconnect: true },
  tokenExpired: { code: 4005, reason: 'token expired', reconnect: true },
  tooSlow: { code: 4008, reason: 'too slow', reconnect: true },
  noPong: { code: 4012, reason: 'no pong', reconnect: true },
  rateLimited: { code: 4013, reason: 'rate limit', reconnect: true },
  unauthenticated: { code: 4500, reason: 'no hello or bad token', reconnect: false },
  malformed: { code: 4501, reason: 'malformed frame', reconnect: false },
  initializationFailed: { code: 4503, reason: 'initialization failed', reconnect: false },
  connectionLimit: { code: 4504, reason: 'connection limit', reconnect: false },
  unknownEntrypoint: { code: 4505, reason: 'unknown entrypoint', reconnect: false },
  noCommonVersion: { code: 4506, reason: 'no common version', reconnect: false },
  forbidden: { code: 4509, reason: 'forbidden', reconnect: false },
  inauthentic: { code: 4510, reason: 'inauthentic response blocked', reconnect: false },
} as const satisfies Record<string, { code: number; reason: string; reconnect: boolean }>;
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

/** May a client open a new socket after this close code? Codes not ours (1001, 1006, 1011 …) are lost connections: yes. */
export function mayReconnect(code: number): boolean {
  const known = Object.values(closeCodes).find((entry) => entry.code === code);
  if (known) return known.reconnect;
  return !(code >= 4500 && code <= 4999);
}

/** Close codes of an upstream (edge ↔ service). All but `ended` leave the session alive at the service for its linger time. */
export const upstreamCloseCodes = {
  /** From the edge, with exactly this reason: the session is over, the service forgets it. */
  ended: { code: 1000, reason: 'session ended' },
  /** From the service: it stops. */
  stopping: { code: 1001, reason: 'service stops' },
  notJson: { code: 1007, reason: 'not JSON' },
  malformed: { code: 1008, reason: 'malformed frame' },
  tooLarge: { code: 1009, reason: 'frame too large' },
  /** From the service: its code for this session threw. */
  handlerFailed: { code: 1011, reason: 'session handler failed' },
  /** From the service: more untaken messages than it holds. What was not taken may be delivered again later. */
  full: { code: 1013, reason: 'too many untaken messages' },
  /** From the service: a newer connection of this session took its place. */
  replaced: { code: 4000, reason: 'replaced by a newer connection' },
} as const satisfies Record<string, { code: number; reason: string }>;

export const clientSubprotocol = 'reveille.v1';
export const upstreamSubprotocol = 'reveille.upstream.v1';
