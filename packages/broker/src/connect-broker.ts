import type { Broker } from '@reveille/orchestration';
import { RedisJournal } from './journal/redis-journal.ts';
import { Keys } from './key/keys.ts';
import { RedisLedger } from './ledger/redis-ledger.ts';
import { silentLogger, type BrokerLogger } from './logger.ts';
import { RedisRates } from './presence/redis-rates.ts';
import { RedisOperations } from './operation/redis-operations.ts';
import { RedisAddresses } from './presence/redis-addresses.ts';
import { RedisConnections } from './presence/redis-connections.ts';
import { RedisMembers } from './presence/redis-members.ts';
import { RedisQuotas } from './quota/redis-quotas.ts';
import type { RedisAccess } from './redis/access.ts';
import { parseRedisUrl, type RedisAddress } from './redis/address.ts';
import { faultsOf, layoutFaults, RedisUnfit, writeLayout } from './redis/fitness.ts';
import { Link } from './redis/link.ts';
import { BullmqRouter } from './router/bullmq-router.ts';
import { type Backlog, backlogOf } from './survey/backlog.ts';
import { RedisTimelines } from './timeline/redis-timelines.ts';
import { RedisSessionStore } from './session/redis-session-store.ts';
import { BullmqWakeUps } from './wake-up/bullmq-wake-ups.ts';
import { BullmqWebhooks } from './webhook/bullmq-webhooks.ts';

/** The ports of the broker, and what is measured of it. */
export type RedisBroker = Broker & {
  /** How much waits: for metrics, not for decisions. */
  backlog(): Promise<Backlog>;
};

export type SessionsPlace = {
  /** A Redis of their own, as `url` above. */
  url?: string | undefined;
  access?: RedisAccess | undefined;
  /** What all kept sessions may hold together. */
  bytes?: number | undefined;
};

export type ConnectBrokerOptions = RedisAccess & {
  /** A form of `REDIS_URL`: `redis://`, `redis-sentinel://host,host/name`, `redis-cluster://host,host`; `rediss…` is encrypted. */
  url: string;
  /** Keeps deployments apart on one Redis: 1 to 32 lower-case letters, digits or "-". Default `reveille`. */
  namespace?: string | undefined;
  /** Over how many partitions instances are spread: the same in every process of a namespace. Default 8. */
  partitions?: number | undefined;
  logger?: BrokerLogger | undefined;
  /** Where sessions are kept, and how much of them; default: the same Redis, and 1 GiB. */
  sessions?: SessionsPlace | undefined;
  /**
   * Whether readings say when no majority of the sentinels confirms the primary (`Reading.unconfirmed`): for who ends what runs. The sentinels are
   * then asked each second. Default: no.
   */
  watchesQuorum?: boolean | undefined;
  /** Who connects, as Redis shows it in CLIENT LIST: without spaces. */
  owner?: string | undefined;
};

/**
 * Connects to Redis and gives the ports of the broker on it. Disposing it ends every connection within 4 seconds.
 *
 * @throws BrokerUnavailable within 5 seconds when Redis is absent or refuses the credentials; `RedisUnfit` with all faults
 *   when it is too old, may evict keys, or is in use with another layout; TypeError when an option is wrong.
 */
export async function connectBroker(options: ConnectBrokerOptions): Promise<RedisBroker> {
  const logger = options.logger ?? silentLogger;
  const keys = new Keys(options.namespace ?? 'reveille', options.partitions ?? 8);
  await using opening = new AsyncDisposableStack();
  const open = (address: RedisAddress) => openFit(opening.use(new Link(address, logger, options.owner)), keys);
  const link = await open(parseRedisUrl(options.url, options));
  if (options.watchesQuorum === true) link.watchQuorum();
  const { url: sessionsUrl, access: sessionsAccess, bytes } = options.sessions ?? {};
  const sessionsLink = sessionsUrl === undefined ? link : await open(parseRedisUrl(sessionsUrl, sessionsAccess));

  const wakeUps = new BullmqWakeUps(link, keys, logger);
  await wakeUps.ready();
  const router = opening.use(new BullmqRouter(link, keys, logger));
  for (const one of new Set([link, sessionsLink]))
    one.startHeartbeat(keys.layouts(), (client, key) => writeLayout(client, keys, key));
  const all = opening.move();
  return {
    ledger: new RedisLedger(link, keys, logger),
    wakeUps,
    journal: new RedisJournal(link, keys, logger),
    router,
    timelines: new RedisTimelines(link, keys),
    connections: new RedisConnections(link, keys),
    addresses: new RedisAddresses(link, keys),
    members: new RedisMembers(link, keys),
    quotas: new RedisQuotas(link, keys),
    sessions: new RedisSessionStore(sessionsLink, keys, bytes),
    rates: new RedisRates(link, keys),
    operations: new RedisOperations(link, keys),
    webhooks: new BullmqWebhooks(link, keys, logger),
    backlog: () => link.run((client) => backlogOf(client, keys)),
    unavailable: () => link.parts.unavailable(),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** @throws BrokerUnavailable when it does not answer; `RedisUnfit` when it must not be used */
async function openFit(link: Link, keys: Keys): Promise<Link> {
  await link.connected();
  const faults = await faultsOf(link);
  if (faults.length === 0) faults.push(...(await layoutFaults(link, keys)));
  if (faults.length > 0) throw new RedisUnfit(faults);
  return link;
}
