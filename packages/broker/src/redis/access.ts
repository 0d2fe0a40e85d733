/** PEM texts for `rediss`, `rediss-sentinel` and `rediss-cluster`. */
export type RedisTls = {
  /** Certificates that may sign the server's; default: those that Node trusts. */
  ca?: string | undefined;
  /** Certificate and key of this client, where Redis asks for one (`tls-auth-clients`). */
  cert?: string | undefined;
  key?: string | undefined;
};

/** What opens a Redis, beside its URL. User and password win over those in it. */
export type RedisAccess = {
  username?: string | undefined;
  password?: string | undefined;
  /** Of the sentinels, when they ask for one; it is never that of Redis by itself. */
  sentinelUsername?: string | undefined;
  sentinelPassword?: string | undefined;
  tls?: RedisTls | undefined;
};
