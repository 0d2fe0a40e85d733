import { commandTimeoutMs } from './availability.ts';

const refusals: readonly [RegExp, string][] = [
  [/^READONLY/, 'Redis is a read-only replica at the moment'],
  [/^OOM/, 'Redis is out of memory (maxmemory) and refuses writes'],
  [/^LOADING/, 'Redis is still reading its data from disk'],
  [/^NOREPLICAS/, 'Redis has too few replicas and refuses writes (min-replicas-to-write)'],
  [/^MISCONF/, 'Redis cannot write to its disk and refuses writes'],
  [/^MASTERDOWN/, 'Redis is a replica without its primary'],
  [/^(CLUSTERDOWN|TRYAGAIN|Cluster|Too many Cluster)/, 'the Redis cluster cannot serve a part of its keys'],
  [/^BUSY /, 'Redis is busy with a script of somebody else'],
  [/^(NOAUTH|WRONGPASS|ERR invalid password|ERR Client sent AUTH)/, 'Redis does not accept the user or password'],
  [/^(NOPERM|ERR max number of clients)/, 'Redis refuses this client'],
  [/^Command timed out|^Socket timeout/, `Redis does not answer within ${commandTimeoutMs} ms`],
  [
    /Stream isn't writeable|Connection is closed|max retries per request|aborted due to connection|All sentinels|sentinel/i,
    'the connection to Redis is lost',
  ],
];

const systemCodes: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be resolved',
};

/** Why Redis is of no use at the moment, in words; `undefined` when the error is something else (a fault of ours). */
export function refusalWords(error: unknown): string | undefined {
  for (const link of chain(error)) {
    const words = link.code === undefined ? undefined : systemCodes[link.code];
    if (words !== undefined) return `Redis cannot be reached: ${words}`;
    const refusal = refusals.find(([pattern]) => pattern.test(link.message));
    if (refusal !== undefined) return refusal[1];
  }
  return undefined;
}

/** Credentials that are refused will be refused again: no use in waiting. */
export function isCredentialRefusal(error: unknown): boolean {
  return chain(error).some(({ message }) => /NOAUTH|WRONGPASS|invalid password|NOPERM/.test(message));
}

/** The error and what it wraps: ioredis hides the reason in `cause`, `lastNodeError` or `errors`. */
function chain(error: unknown, depth = 0): { message: string; code?: string }[] {
  if (!(error instanceof Error) || depth > 4) return [];
  const { code, lastNodeError, errors } = error as Error & {
    code?: unknown;
    lastNodeError?: unknown;
    errors?: unknown[];
  };
  const inner = [lastNodeError, error.cause, ...(Array.isArray(errors) ? errors : [])];
  return [
    ...inner.flatMap((link) => chain(link, depth + 1)),
    { message: error.message, ...(typeof code === 'string' ? { code } : {}) },
  ];
}
