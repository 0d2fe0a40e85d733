import { Cluster } from '../cluster.ts';
import type { Deployable, Kind } from '../deployables.ts';
import { freePort } from '../free-port.ts';

/** One deployable of each kind, whose pages of metrics can be read. */
export type ScrapedCluster = { cluster: Cluster; relay: Deployable; page(kind: Kind): Promise<string> };

export async function startScraped(of: {
  redisUrl: string;
  catalog: string;
  relayEnv?: Record<string, string>;
}): Promise<ScrapedCluster & AsyncDisposable> {
  const [initializerPort, relayPort] = [await freePort(), await freePort()];
  const size = { edge: 0, initializer: 0, relay: 0 };
  const cluster = await Cluster.start({ redisUrl: of.redisUrl, catalog: of.catalog, size });
  const edge = cluster.add('edge', { REVEILLE_HEALTH_ON_USER_PORT: 'true' });
  cluster.add('initializer', { REVEILLE_HEALTH_PORT: String(initializerPort) });
  const relay = cluster.add('relay', { REVEILLE_HEALTH_PORT: String(relayPort), ...of.relayEnv });
  const end = () => cluster[Symbol.asyncDispose]();
  try {
    await Promise.all(cluster.deployables.map((one) => one.running()));
  } catch (error) {
    await end();
    throw error;
  }
  const pages: Record<Kind, string> = {
    edge: `${await edge.url()}/metrics`.replace(/^ws/, 'http'),
    initializer: `http://127.0.0.1:${initializerPort}/metrics`,
    relay: `http://127.0.0.1:${relayPort}/metrics`,
  };
  const page = async (kind: Kind): Promise<string> => (await fetch(pages[kind])).text();
  return { cluster, relay, page, [Symbol.asyncDispose]: end };
}
