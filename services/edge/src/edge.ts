import { randomBytes } from 'node:crypto';
import { connectBroker, redisAccess, sessionsPlace } from '@reveille/broker';
import { readCatalog, watchCatalog } from '@reveille/catalog';
import type { CloseCode } from '@reveille/contracts';
import { Health, interval, Scope, startHealthServer } from '@reveille/lifecycle';
import { type Broker, type Member, timing } from '@reveille/orchestration';
import { edgePublicKey, edgeSigningKey } from '@reveille/service-kit/keys';
import { createMetrics, type Logger, type Metrics } from '@reveille/telemetry';
import type { WebSocket } from 'ws';
import { addressLimits } from './limit/address-limits.ts';
import { createAuthenticate } from './accept/authenticate.ts';
import type { Entrance } from './accept/entrance.ts';
import { ConnectionLeases } from './limit/connection-leases.ts';
import { servePage } from './accept/page.ts';
import { listen } from './accept/server.ts';
import { createUpgrade } from './accept/upgrade.ts';
import { type EdgeConfig, refuseOpenHost } from './config.ts';
import { CurrentCatalog } from './current-catalog.ts';
import { PlanGroups } from './deliver/plan-groups.ts';
import { subscribe } from './deliver/subscriptions.ts';
import { KeptSessions } from './keep/kept-sessions.ts';
import { RunNotes } from './note/run-notes.ts';
import { MessageAllowances } from './limit/message-allowances.ts';
import { Sessions } from './session/sessions.ts';
import { BlockedEvents } from './upstream/blocked-events.ts';
import { EntrypointPauses } from './want/entrypoint-pauses.ts';
import { Expectations } from './want/expectations.ts';
import { Interest } from './want/interest.ts';
import { LedgerClock } from './want/ledger-clock.ts';
import { SeenGenerations } from './want/seen-generations.ts';

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
    const clock = new LedgerClock();
    const expectations = new Expectations(ports.timelines, log);
    const { leaseMs, brokerMs, rereadMs: freshMs, slowEveryMs } = timings;
    const interest: Interest = new Interest({
      edge: id,
      ledger: ports.ledger,
      clock,
      logger: log,
      leaseMs,
      brokerMs,
      onReadings: (readings) => groups.hear(readings),
    });
    const notes = new RunNotes({
      edge: id,
      timelines: ports.timelines,
      members: ports.members,
      clock,
      logger: log,
      backMs: timing.lingerMs.value + 1000,
      brokerMs,
    });
    const pauses = scope.use(new EntrypointPauses(ports.operations, log), 'pauses');
    await pauses.read().catch((error: unknown) => log.warn({ err: error }, 'pauses could not be read yet'));
    const groups = new PlanGroups({
      edge: id,
      clock,
      expectations,
      interest,
      notes,
      seen: new SeenGenerations(),
      freshMs,
      slowEveryMs,
      isPaused: (entrypoint) => pauses.has(entrypoint),
      wakeUps: ports.wakeUps,
      logger: log,
    });
    scope.use(notes, 'notes');
    scope.use(interest, 'interest');
    scope.use(groups, 'plan groups');
    scope.use(await subscribe({ edge: id, router: ports.router, groups, logger: log }), 'subscription');
    const leases = scope.use(
      new ConnectionLeases({ connections: ports.connections, logger: log, leaseMs, brokerMs }),
      'places of connections',
    );
    const kept = scope.use(
      new KeptSessions({
        edge: id,
        store: ports.sessions,
        onLimit,
        logger: log,
        leaseMs,
        brokerMs,
      }),
      'kept sessions',
    );
    const signingKey = edgeSigningKey(config.signingKey);
    const startedAt = Date.now();
    const edgeKey = edgePublicKey(signingKey);
    announce(() => ({ id, kind: 'edge', edgeKey, sessions: groups.counts(), startedAt }), ports, scope, leaseMs, log);
    void expectations.refresh(Object.keys(current.catalog.services) as never);

    const authenticate = createAuthenticate(config.auth, log);
    if (authenticate === undefined) {
      log.warn('REVEILLE_AUTH=none: everybody who reaches this port is whom he says he is. For development only.');
    }
    const allowances = new MessageAllowances(ports.rates);
    const sessions = new Sessions(
      { authenticate, groups, leases, kept, allowances, signingKey, timings, logger: log, onLimit },
      { clock, metrics, blocked: new BlockedEvents({ webhooks: ports.webhooks, members: ports.members, logger: log }) },
    );
    metrics.beforeRead(() => {
      metrics.gauge('waiters').set(groups.waiting);
      metrics.gauge('progressAgeMs').set(Math.round(groups.silentMs));
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

/** Says that this edge is alive, as long as it is. */
function announce(member: () => Member, { members }: Broker, scope: Scope, leaseMs: number, logger: Logger): void {
  const onError = (error: unknown): void =>
    logger.warn({ err: error }, 'this edge could not announce itself; trying again');
  scope.defer(() => members.leave(member()).catch(onError), 'membership');
  scope.use(
    interval(leaseMs / 3, () => members.announce(member(), leaseMs), { immediate: true, onError }),
    'announcement',
  );
}

function hostInUrl(host: string | undefined): string {
  if (host === undefined) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
