import { onShutdown, report, reportReady, serveSessions } from '@reveille/service-kit';
import { createLogger, startTelemetry } from '@reveille/telemetry';
import { converse } from './conversation/converse.ts';
import { createApi } from './service/http-api.ts';
import { listen } from './service/listen.ts';
import { readSettings } from './settings.ts';
import { SupervisorClient } from './supervisor/supervisor-client.ts';

const log = createLogger({ name: 'agent_websocket_bridge' });

async function main(): Promise<void> {
  const read = readSettings(process.env);
  if ('fault' in read) {
    console.error(`agent_websocket_bridge: ${read.fault}`);
    process.exit(2);
  }
  const { port, supervisorUrl } = read.settings;
  const parts = new AsyncDisposableStack();
  onShutdown(() => parts.disposeAsync());
  parts.use(await startTelemetry({ service: 'agent_websocket_bridge', logger: log }));

  const supervisor = new SupervisorClient(supervisorUrl);
  const replies = new Set<Promise<void>>();
  const api = createApi({ isBusy: () => replies.size > 0, isReady: () => supervisor.isReady() });
  const http = parts.use(await listen(api, port));
  const onSession = (session: Parameters<typeof converse>[0]): Promise<void> =>
    converse(session, { supervisor, log, replies });
  parts.use(serveSessions({ server: http.server, path: '/session', onSession }));

  // Not awaited: progress must not slow down what it tells of. The kit never rejects.
  void report({ phase: 'connecting agents' });
  if (!(await supervisor.isReady())) throw new Error(`The agent supervisor at ${supervisorUrl} is not ready.`);
  log.info({ port: http.port }, 'listening');
  // An endpoint is told only when nobody chose the port: else Reveille knows it, and by which address others reach it.
  await reportReady(port === 0 ? `http://127.0.0.1:${http.port}` : undefined);
}

try {
  await main();
} catch (error) {
  log.fatal({ err: error }, 'agent_websocket_bridge cannot start');
  process.exit(1);
}
