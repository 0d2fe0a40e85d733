import { BrokerUnavailable } from '@reveille/orchestration';
import { Cluster, type Redis } from 'ioredis';
import { Keys } from '../key/keys.ts';
import { silentLogger } from '../logger.ts';
import type { RedisAccess } from '../redis/access.ts';
import { parseRedisUrl } from '../redis/address.ts';
import { Link } from '../redis/link.ts';
import type { Confirmation } from '../redis/quorum.ts';
import { type NodeFacts, nodeFacts } from './node-facts.ts';
import { type NamespaceUse, namespaceUse } from './use.ts';

export type RedisSurvey = {
  kind: 'standalone' | 'sentinel' | 'cluster';
  /** The server, or each primary of a cluster. */
  nodes: NodeFacts[];
  /** Of a cluster: the slots that somebody serves, of 16,384. */
  coveredSlots: number | undefined;
  /** Behind Sentinel: whether the sentinels confirm the primary. */
  sentinels: Confirmation | undefined;
  /** Undefined when nobody uses the namespace. */
  use: NamespaceUse | undefined;
};

/**
 * What there is to say about a Redis and what waits in it. Changes nothing.
 * @throws BrokerUnavailable within 5 s when it is absent; TypeError when the address is none
 */
export async function surveyRedis(
  url: string,
  access: RedisAccess & { namespace?: string | undefined; partitions?: number | undefined } = {},
): Promise<RedisSurvey> {
  const address = parseRedisUrl(url, access);
  const keys = new Keys(access.namespace ?? 'reveille', access.partitions ?? 8);
  await using link = new Link(address, silentLogger, 'reveille-doctor');
  await link.connected();
  const nodes = await link.run((client) =>
    Promise.all((client instanceof Cluster ? client.nodes('master') : [client]).map((node) => nodeFacts(node))),
  );
  const coveredSlots = address.kind === 'cluster' ? await link.run(slotsOf) : undefined;
  // A part that nobody serves is told by the slots; what waits there cannot be known.
  const use = await link
    .run((client) => namespaceUse(client, keys))
    .catch((error: unknown) => {
      if (coveredSlots !== undefined && error instanceof BrokerUnavailable) return undefined;
      throw error;
    });
  return { kind: address.kind, nodes, coveredSlots, sentinels: await link.confirmation(), use };
}

async function slotsOf(client: Redis | Cluster): Promise<number> {
  const info = (await client.cluster('INFO')) as string;
  return Number(/^cluster_slots_ok:(\d+)/m.exec(info)?.[1]);
}
