import { TempFolder } from './temp-folder.ts';

const serviceKit = new URL('../../../service-kit/src/index.ts', import.meta.url).href;

/**
 * A service on service-kit: reports a phase, then that it is ready; answers each message with its text in capitals. It appends its
 * process id to the file `pids`, and fails its start once when `FAIL_ONCE` names a file that is not there yet.
 */
const service = `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { onShutdown, report, reportReady, serveSessions } from '${serviceKit}';

appendFileSync('pids', process.pid + '\\n');
const flag = process.env.FAIL_ONCE;
if (flag && !existsSync(flag)) {
  writeFileSync(flag, '');
  console.error('the disk is upside down');
  process.exit(3);
}
const server = createServer((request, response) => response.end('ok'));
serveSessions({
  server,
  path: '/session',
  onSession: async (session) => {
    for await (const { id, data } of session.messages) {
      if (data.text === 'say nothing') continue;
      await session.emit({ type: 'thinking', files: (data.files ?? []).map(({ name, type, content }) => [name, type, content.length]) }, { re: id });
      await session.emit({ text: String(data.text).toUpperCase(), user: session.user, tenant: session.tenant }, { re: id, final: true });
    }
  },
});
onShutdown(() => {
  server.close();
  server.closeAllConnections();
});
server.listen(Number(process.env.PORT), '127.0.0.1', async () => {
  await report({ phase: 'warming_up', detail: 'heating the kettle', percent: 50 });
  await setTimeout(100);
  await reportReady();
});
`;

const run = '[node, --conditions=@reveille/source, service.js]';

export const tinyCatalog = `version: 1
services:
  base:
    name: Data store
    start: { process: { command: ${run} } }
    ready: { reported: true }
  loud:
    name: Loud service
    dependsOn: [base]
    start: { process: { command: ${run} } }
    ready: { reported: true }
  fragile:
    name: Fragile service
    start: { process: { command: ${run}, env: { FAIL_ONCE: failed-once } } }
    ready: { reported: true }
    retry: { attempts: 1 }
    cooldownMs: 300
  grudging:
    name: Grudging service
    start: { process: { command: ${run}, env: { FAIL_ONCE: failed-too } } }
    ready: { reported: true }
    retry: { attempts: 1 }
    cooldownMs: 5000
  broken:
    name: Broken service
    dependsOn: [base]
    start: { process: { command: [./no-such-program] } }
    ready: { reported: true }
entrypoints:
  # Deadlines are wide: a busy machine is no fault of what is tested.
  talk: { service: loud, upstream: { websocket: { path: /session } }, deadlineMs: 120000, limits: { messageBytes: 2000 } }
  fragile: { service: fragile, upstream: { websocket: { path: /session } }, deadlineMs: 120000 }
  grudging: { service: grudging, upstream: { websocket: { path: /session } }, deadlineMs: 120000 }
  broken: { service: broken, deadlineMs: 120000 }
`;

/** A folder with a catalog of small real services. */
export function tinyProduct(): Promise<TempFolder> {
  return TempFolder.create({ 'service.js': service, 'reveille.yaml': tinyCatalog });
}
