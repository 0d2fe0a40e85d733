import { Cluster, Redis } from 'ioredis';

/** What a reader of journals needs of Redis, whatever shape that has. */
export type LedgerClient = Pick<Redis, 'xread' | 'disconnect'>;

/** A connection past all faults of a row. It comes back by itself, to whoever is the primary then. */
export function ledgerClient(url: string): LedgerClient {
  const [scheme = '', rest = ''] = url.split('://');
  const [hosts = '', name = ''] = (rest.includes('@') ? rest.slice(rest.indexOf('@') + 1) : rest).split('/');
  const nodes = hosts.split(',').map((host) => ({ host: '127.0.0.1', port: Number(host.split(':')[1]) }));
  const [username, password] = rest.includes('@') ? rest.slice(0, rest.indexOf('@')).split(':') : [];
  const access = username === undefined ? {} : { username, password: password ?? '' };
  const patience = { maxRetriesPerRequest: null, retryStrategy: () => 50 };
  const client =
    scheme === 'redis-cluster'
      ? new Cluster(nodes, { clusterRetryStrategy: () => 50 })
      : scheme === 'redis-sentinel'
        ? new Redis({ ...patience, ...access, sentinels: nodes, name, failoverDetector: true })
        : new Redis({ ...patience, ...nodes[0] });
  // Redis is away as often as a row wants it.
  client.on('error', () => undefined);
  return client;
}
