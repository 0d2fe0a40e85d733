import { randomBytes } from 'node:crypto';
import { type Admin, startAdmin } from '@reveille/admin';
import { connectBroker, redisAccess, surveyRedis } from '@reveille/broker';
import { type LoadedCatalog, readCatalog, watchCatalog } from '@reveille/catalog';
import type { JournalEntry } from '@reveille/contracts';
import { type Health, Scope } from '@reveille/lifecycle';
import type { Broker } from '@reveille/orchestration';
import type { Logger, Metrics } from '@reveille/telemetry';
import type { RelayConfig } from './config.ts';
import { measureBacklog } from './measure/backlog.ts';
import { startRouting } from './start-routing.ts';
import { addEvents } from './webhook/events.ts';
import { startWebhooks } from './webhook/start-webhooks.ts';

export type Relay = AsyncDisposable & {
  id: string;
  /** Where the admin API is, when this relay serves it. */
  adminUrl: string | undefined;
  /** Reads the catalog again, now. */
  reload(): Promise<void>;
};

/** Brings up one relay: reads the journal as one of all relays and hands each change to the edges that wait for it. */
export async function startRelay(of: {
  config: RelayConfig;
  logger: Logger;
  metrics: Metrics;
  health: Health;
}): Promise<Relay> {
  const { config, logger, metrics, health } = of;
  const id = `relay-${randomBytes(5).toString('hex')}`;
  await using starting = new AsyncDisposableStack();
  const scope = starting.adopt(new Scope(), (one) => one.dispose());
  const broker = scope.use(
    await connectBroker({
      url: config.redisUrl,
      namespace: config.namespace,
      logger,
      owner: id,
      ...redisAccess(config),
    }),
    'broker',
  );
  const broken = health.add('redis', () => broker.unavailable() ?? true);
  scope.defer(() => broken[Symbol.dispose](), 'health check');

  const receiver =
    config.webhookUrl === undefined || config.webhookSecret === undefined
      ? undefined
      : { url: config.webhookUrl, secret: config.webhookSecret };
  measureBacklog({ broker, metrics });
  const { webhooks } = broker;
  if (receiver !== undefined) scope.use(await startWebhooks({ webhooks, receiver, metrics, logger }), 'webhooks');
  const also = receiver === undefined ? undefined : (entries: JournalEntry[]) => addEvents(webhooks, entries);
  await startRouting(scope, { id, broker, also, metrics, logger });
  const operated = await serveAdmin({ config, broker, scope, logger, metrics });
  logger.info({ id, ...(operated === undefined ? {} : { adminUrl: operated.admin.url }) }, 'the relay is running');

  const running = starting.move();
  return {
    id,
    adminUrl: operated?.admin.url,
    reload: async () => operated?.reload(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The admin API, where it has a port. It is the only part of a relay that knows a catalog. */
async function serveAdmin(of: {
  config: RelayConfig;
  broker: Broker;
  scope: Scope;
  logger: Logger;
  metrics: Metrics;
}): Promise<{ admin: Admin; reload(): Promise<void> } | undefined> {
  const { config, broker, scope, logger, metrics } = of;
  const { adminPort: port, adminHost: host, adminToken: token, catalog: file } = config;
  if (port === undefined || token === undefined || file === undefined) return undefined;
  let catalog: LoadedCatalog = await readCatalog(file);
  const reloaded = (outcome: 'taken' | 'refused'): void => metrics.counter('catalogReloads').inc({ outcome });
  const watcher = scope.use(
    watchCatalog(file, {
      current: catalog,
      onChange: (next) => {
        catalog = next;
        reloaded('taken');
      },
      onRefused: (error) => {
        reloaded('refused');
        logger.error(
          { report: error.report },
          'the changed catalog is refused; the admin API goes on with the old one',
        );
      },
    }),
    'catalog',
  );
  const survey = () => surveyRedis(config.redisUrl, { ...redisAccess(config), namespace: config.namespace });
  const options = { broker, survey, catalog: () => catalog, port, host, token, logger, metrics };
  return { admin: scope.use(await startAdmin(options), 'admin API'), reload: () => watcher.reload() };
}
