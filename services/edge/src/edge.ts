import { randomBytes } from 'node:crypto';
import { connectBroker, redisAccess, sessionsPlace } from '@reveille/broker';
import { readCatalog, watchCatalog } from '@reveille/catalog';
import type { CloseCode, ServiceName } from '@reveille/contracts';
import { Health, Scope, startHealthServer } from '@reveille/lifecycle';
import type { Broker } from '@reveille/orchestration';
import { edgeSigningKey } from '@reveille/service-kit/keys';
import { createMetrics, type Logger, type Metrics } from '@reveille/telemetry';
import type { WebSocket } from 'ws';
import { addressLimits } from './limit/address-limits.ts';
import { createAuthenticate } from './accept/authenticate.ts';
import type { Entrance } from './accept/entrance.ts';
import { servePage } from './accept/page.ts';
import { listen } from './accept/server.ts';
import { createUpgrade } from './accept/upgrade.ts';
import { type EdgeConfig, refuseOpenHost } from './config.ts';
import { CurrentCatalog } from './current-catalog.ts';
import { startSessions } from './start-sessions.ts';

export type EdgeOptions = {
  config: EdgeConfig;
  logger: Logger;
  /** Of the process; gets a check for each thing that this edge cannot do without. Default: one of its own. */
  health?: Health;
  /** Ends the start early. */
  signal?: AbortSignal;
  /** Of the process; default: its own. */
  metrics?: Metrics;
  /** Default: connects to `config.redisUrl`. Disposed with the edge. */
  broker?: Broker;
};

/** `id`: new for each run. `url`: where clients connect, `ws://host:port`. */
export interface Edge extends AsyncDisposable {
  readonly id: string;
  readonly port: number;
  readonly url: string;
  /** Reads the catalog again, now. Resolves when it was taken or refused (the log says which). */
  reload(): Promise<void>;
}

/**
 * Starts an edge: sockets in, sockets out. Disposing it ends every session (1012), gives up its interest and its places, within
 * `drainMs` and the bounds of the broker.
 * @throws ConfigError, CatalogError, BrokerUnavailable, RedisUnfit, or the error of listening
 */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const { config, logger, health = new Health(), metrics = createMetrics(), signal, broker } = options;
  refuseOpenHost(config);
  const { timings } = config;
  const id = `e${randomBytes(8).toString('hex')}`;
  const log = logger.child({ edge: id });
  const scope = new Scope({ disposeMs: timings.drainMs * 2 });
  try {
    const loaded = await readCatalog(config.catalog);
    let current = new CurrentCatalog(loaded);
    const ports = scope.use(broker ?? (await connectTo(config, id, log)), 'broker');
    signal?.throwIfAborted();

    const onLimit = (limit: string): void => metrics.counter('limitsHit').inc({ limit });
    const authenticate = createAuthenticate(config.auth, log);
    if (authenticate === undefined) {
      log.warn('REVEILLE_AUTH=none: everybody who reaches this port is whom he says he is. For development only.');
    }
    const sessions = await startSessions(scope, {
      ...{ edge: id, broker: ports, authenticate, timings, onLimit, logger: log, metrics },
      signingKey: edgeSigningKey(config.signingKey),
      services: Object.keys(current.catalog.services) as ServiceName[],
    });
    const page = () => metrics.metricsText();
    if (!config.healthOnUserPort) {
      const { host } = config;
      const options = { port: config.healthPort, health, metrics: page, ...(authenticate || !host ? {} : { host }) };
      scope.use(await startHealthServer(options), 'health server');
    }
    const http = await listen({
      host: config.host,
      port: config.port,
      ...(config.healthOnUserPort ? { health: { health, metrics: page } } : {}),
      page: config.page
        ? await servePage({ authenticated: authenticate !== undefined, catalog: () => current.catalog })
        : undefined,
    });
    const upgrade = createUpgrade({
      authenticate,
      addresses: addressLimits({ config, edge: id, broker: ports, scope, logger: log }),
      catalog: () => current,
      draining: () => health.draining || sessions.draining,
      onSocket: (socket: WebSocket, entrance: Entrance) => sessions.accept(socket, entrance),
      onRefused: ({ code }: CloseCode) =>
        metrics.counter('connections').inc({ outcome: 'refused', close_code: String(code) }),
      onLimit,
    });
    http.server.on('upgrade', (request, socket, head) => {
      upgrade(request, socket, head).catch((error: unknown) => {
        log.error({ err: error }, 'an upgrade failed');
        socket.destroy();
      });
    });
    scope.defer(() => http.close(), 'user port');
    scope.use(sessions, 'sessions');

    const watcher = scope.use(
      watchCatalog(config.catalog, {
        current: loaded,
        onChange: (next) => {
          current = new CurrentCatalog(next);
          metrics.counter('catalogReloads').inc({ outcome: 'taken' });
          log.info({ digest: next.digest }, 'a new catalog: new sessions use it');
        },
        onRefused: (error) => {
          metrics.counter('catalogReloads').inc({ outcome: 'refused' });
          log.error({ err: error }, 'the new catalog was refused; the one before stays');
        },
      }),
      'catalog',
    );
    const url = `ws://${hostInUrl(config.host)}:${http.port}`;
    log.info({ url, catalog: current.digest }, 'listening');
    return {
      id,
      port: http.port,
      url,
      reload: () => watcher.reload(),
      [Symbol.asyncDispose]: () => scope.dispose(),
    };
  } catch (error) {
    await scope.dispose();
    throw error;
  }
}

function connectTo(config: EdgeConfig, owner: string, logger: Logger): Promise<Broker> {
  const { redisUrl: url, namespace } = config;
  const sessions = sessionsPlace(config);
  return connectBroker({ url, ...redisAccess(config), namespace, sessions, logger, owner });
}

function hostInUrl(host: string | undefined): string {
  if (host === undefined) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
