/**
 * What one look showed. `reason` in plain words, without addresses: users read it as progress. `refused`: nothing listens there, which
 * no amount of work explains.
 */
export type Look = { ok: true } | { ok: false; reason: string; refused: boolean };

export const ok = { ok: true } as const;

export function not(reason: string): Look {
  return { ok: false, reason, refused: false };
}

export function nothingListens(): Look {
  return { ok: false, reason: words.ECONNREFUSED, refused: true };
}

const words = {
  ECONNREFUSED: 'nothing listens on its port yet',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
  ENOTFOUND: 'its host name is unknown',
  HPE_INVALID_CONSTANT: 'what answers does not speak HTTP',
} as const;

/** A connection that failed, in words. With several addresses tried, the first failure speaks for all. */
export function connectionFailure(error: unknown): Look {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const { code = '', message } = first as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return nothingListens();
  if (code in words) return not(words[code as keyof typeof words]);
  return not(code.startsWith('HPE_') ? 'what answers does not speak HTTP' : message);
}

export function noAnswer(timeoutMs: number): Look {
  return not(`no answer within ${timeoutMs} ms`);
}
