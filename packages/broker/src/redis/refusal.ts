import { commandTimeoutMs } from './availability.ts';

const untrusted = 'its certificate is of an authority that is not trusted here (REDIS_TLS_CA names a file with it)';

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
  // What ioredis quotes of a sentinel's or a node's error has no code any more.
  [/(self-signed certificate|unable to (get|verify).* certificate)/, `Redis cannot be reached: ${untrusted}`],
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
  EPROTO: 'one side speaks TLS and the other does not (rediss:// or redis://)',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  ...Object.fromEntries(
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    ].map((code) => [code, untrusted]),
  ),
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

/** Credentials and certificates that are refused will be refused again: no use in waiting. */
export function isLastingRefusal(error: unknown): boolean {
  return chain(error).some(
    ({ message, code = '' }) =>
      /NOAUTH|WRONGPASS|invalid password|NOPERM/.test(message) || /CERT|ISSUER|LEAF_SIGNATURE|EPROTO/.test(code),
  );
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
