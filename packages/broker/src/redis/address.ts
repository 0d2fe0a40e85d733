import type { RedisAccess, RedisTls } from './access.ts';

/** Where Redis is and what opens it, as `REDIS_URL` and the settings beside it say. */
export type RedisAddress = {
  kind: 'standalone' | 'sentinel' | 'cluster';
  /** Redis itself, the sentinels, or some nodes of the cluster. */
  nodes: readonly { host: string; port: number }[];
  /** `undefined`: not encrypted. */
  tls: RedisTls | undefined;
  /** Name of the primary that the sentinels watch. */
  primaryName: string | undefined;
  database: number;
  username: string | undefined;
  password: string | undefined;
  sentinelUsername: string | undefined;
  sentinelPassword: string | undefined;
};

const schemes = {
  'redis:': { kind: 'standalone', port: 6379, tls: false },
  'rediss:': { kind: 'standalone', port: 6379, tls: true },
  'redis-sentinel:': { kind: 'sentinel', port: 26379, tls: false },
  'rediss-sentinel:': { kind: 'sentinel', port: 26379, tls: true },
  'redis-cluster:': { kind: 'cluster', port: 6379, tls: false },
  'rediss-cluster:': { kind: 'cluster', port: 6379, tls: true },
} as const;

const form = /^(?<scheme>[a-z-]+:)\/\/(?:(?<userinfo>[^@/]*)@)?(?<hosts>[^/?#]+)(?:\/(?<path>[^?#]*))?$/;

/**
 * Reads `redis://`, `redis-sentinel://host,host/name` or `redis-cluster://host,host`, or with `rediss` when encrypted, with
 * user and password in it or beside it (those beside it win).
 * @throws TypeError in words, without the password, when it is none of these.
 */
export function parseRedisUrl(url: string, access: RedisAccess = {}): RedisAddress {
  const parts = form.exec(url.trim())?.groups;
  const scheme = schemes[parts?.['scheme'] as keyof typeof schemes];
  if (parts === undefined || scheme === undefined) {
    throw new TypeError(
      'REDIS_URL must be redis://host, redis-sentinel://host,host/name or redis-cluster://host,host (rediss… when encrypted)',
    );
  }
  const path = parts['path'] ?? '';
  const nodes = (parts['hosts'] ?? '').split(',').map((host) => hostAndPort(host, scheme.port));
  if (scheme.kind === 'sentinel' && path === '') {
    throw new TypeError('REDIS_URL: redis-sentinel:// needs the name of the primary after the hosts: /name');
  }
  if (scheme.kind === 'standalone' && nodes.length > 1) {
    throw new TypeError('REDIS_URL: redis:// takes one host; use redis-sentinel:// or redis-cluster:// for several');
  }
  const [username, password] = (parts['userinfo'] ?? '').split(/:(.*)/s).map(decodeURIComponent);
  return {
    kind: scheme.kind,
    nodes,
    tls: scheme.tls ? (access.tls ?? {}) : undefined,
    primaryName: scheme.kind === 'sentinel' ? decodeURIComponent(path) : undefined,
    database: scheme.kind === 'standalone' ? databaseOf(path) : 0,
    username: access.username ?? (username || undefined),
    password: access.password ?? (password || undefined),
    sentinelUsername: access.sentinelUsername,
    sentinelPassword: access.sentinelPassword,
  };
}

/** The address in words for messages and logs: without user and password. */
export function describeAddress(address: RedisAddress): string {
  const hosts = address.nodes.map(({ host, port }) => `${host}:${port}`).join(', ');
  switch (address.kind) {
    case 'standalone':
      return hosts;
    case 'sentinel':
      return `"${address.primaryName}" of the sentinels ${hosts}`;
    case 'cluster':
      return `the cluster at ${hosts}`;
  }
}

function hostAndPort(text: string, defaultPort: number): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text.trim()) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (host === undefined || port < 1 || port > 65535) {
    throw new TypeError('REDIS_URL: a host is missing or its port is no number from 1 to 65535');
  }
  return { host, port };
}

function databaseOf(path: string): number {
  if (path === '') return 0;
  if (!/^\d{1,4}$/.test(path)) throw new TypeError('REDIS_URL: what follows the host must be a database number');
  return Number(path);
}
