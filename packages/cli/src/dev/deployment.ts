import { edgeConfig, startEdge } from '@reveille/edge';
import { initializerConfig, startInitializer } from '@reveille/initializer';
import { Health, type Scope } from '@reveille/lifecycle';
import { relayConfig, startRelay } from '@reveille/relay';
import { createLogger, createMetrics, exportMetrics, type Logger, startTelemetry } from '@reveille/telemetry';
import { portRefusal, refuseTakenPort } from './port.ts';

export interface Deployment {
  /** Address of the edge, `http://host:port`. */
  readonly url: string;
  readonly namespace: string;
  /** Of the admin API. */
  readonly adminUrl: string | undefined;
}

/**
 * Relay, initializer and edge in this process, in that order, so that whoever the edge lets in finds the others at work; added to the
 * scope, which ends them in reverse.
 * @throws ConfigError, CatalogError or CliRefusal in words
 */
export async function startDeployment(of: {
  settings: NodeJS.ProcessEnv;
  log: { write(line: string): void };
  scope: Scope;
  health: Health;
  signal: AbortSignal;
  /** Told when a part cannot go on. */
  fail(error: unknown): void;
  /** What has to be in order before the first user is let in. `initializer` is its id. */
  beforeEdge(initializer: string, logger: Logger): Promise<void>;
}): Promise<Deployment> {
  const { settings, scope, health, signal, fail } = of;
  // All three before any of them runs: a wrong setting is told within a moment.
  const configs = {
    edge: edgeConfig(settings),
    initializer: initializerConfig(settings),
    relay: relayConfig(settings),
  };
  await refuseTakenPort(configs.edge.port, configs.edge.host);
  const metrics = createMetrics();
  const logger = (name: string): Logger => createLogger({ name, destination: of.log });
  scope.use(await startTelemetry({ service: 'reveille-dev', logger: logger('telemetry') }), 'telemetry');
  scope.use(await exportMetrics({ metrics, service: 'reveille-dev', logger: logger('telemetry') }), 'metrics');

  const relay = { config: configs.relay, logger: logger('relay'), metrics, health: partOf(health, 'relay') };
  const { adminUrl } = scope.use(await startRelay(relay), 'relay');
  signal.throwIfAborted();

  const hands = { config: configs.initializer, logger: logger('initializer'), metrics, fail };
  const { id } = scope.use(await startInitializer({ ...hands, health: partOf(health, 'initializer') }), 'initializer');
  await of.beforeEdge(id, hands.logger);
  signal.throwIfAborted();

  const edge = scope.use(
    await startEdge({ config: configs.edge, logger: logger('edge'), metrics, health, signal }).catch(
      (error: unknown) => {
        throw portRefusal(error, configs.edge.port) ?? error;
      },
    ),
    'edge',
  );
  return { url: edge.url.replace(/^ws/, 'http'), namespace: configs.edge.namespace, adminUrl };
}

/** The health of one part as one check of the whole: parts name their checks alike. */
function partOf(whole: Health, name: string): Health {
  const part = new Health();
  whole.add(name, () => {
    const { failing } = part.report();
    return failing.length === 0 || failing.map((check) => `${check.name}: ${check.reason}`).join('; ');
  });
  return part;
}
