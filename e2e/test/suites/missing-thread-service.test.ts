import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Catalog } from '@reveille/contracts';
import { expect, test } from 'vitest';
import { assistantCatalog, startAssistant } from '../../src/assistant/assistant.ts';
import type { AssistantCatalog } from '../../src/assistant/catalog.ts';
import { startsOf } from '../../src/assistant/history.ts';
import { resultOf, User } from '../../src/assistant/user.ts';
import type { Cluster } from '../../src/cluster.ts';
import { seeded } from '../../src/seed.ts';
import { generatedTable } from '../../src/usage-table.ts';

const password = 'pw-b7e1c9';
const question = 'Where do the tokens go?';
/** Of the catalog 15 s; nothing else about it is changed. */
const cooldownMs = 1_000;
const soon = ({ services }: AssistantCatalog): void => void (services.thread_service.cooldownMs = cooldownMs);

/** What can be missing, and what the user reads of it. */
const outages: { what: string; breakIt: (catalog: AssistantCatalog) => Promise<void>; code: string }[] = [
  {
    what: 'its program is not there',
    code: 'exited_early',
    async breakIt({ services }) {
      const start = services.thread_service.start.process;
      start?.command.splice(-1, 1, 'thread-service/src/not-there.ts');
    },
  },
  {
    what: 'its database does not answer',
    code: 'exited_early',
    async breakIt({ services }) {
      const { process: start } = services.thread_service.start;
      const url = `postgres://threads:${password}@127.0.0.1:${await closedPort()}/threads`;
      if (start) start.env = { ...start.env, DATABASE_URL: url };
    },
  },
];

test.each(outages)(
  'without the thread service ($what) every user is told so once; when it is mended, retry works and nothing else is restarted',
  { timeout: 240_000 },
  async ({ breakIt, code }) => {
    const table = generatedTable(seeded(), { rows: 50 });
    await using cluster = await startAssistant({ size: { edge: 2 }, change: soon });
    const mended = await assistantCatalog(cluster.dir, soon);
    await cluster.replaceCatalog(await brokenFrom(mended, breakIt));
    const users = await Promise.all(['ann', 'bob'].map((name, edge) => User.at(cluster, name, { edge })));
    const asked = users.map((user) =>
      user.ask({ text: question, files: [table.file] }).catch((error: unknown) => error),
    );

    for (const refusal of await Promise.all(asked)) expect(refusal).toMatchObject({ code });
    for (const user of users) {
      await expectTold(user, code);
      const [failed] = user.of('initialization_failed');
      expect(failed).toMatchObject({ retryable: true, failure: { attempts: 3 } });
      const [started] = user.of('initialization_started');
      expect(failed?.elapsedMs).toBeLessThan(started?.deadlineMs ?? 0);
      // Without authentication users see the last lines of the log, but no password in them.
      expect(JSON.stringify(user.frames)).not.toContain(password);
    }
    expect(startsOf('agent_supervisor', cluster.dir)).toEqual([]);
    expect(startsOf('agent_websocket_bridge', cluster.dir)).toEqual([]);
    const tools = startsOf('tool_classes', cluster.dir);
    expect(tools).toHaveLength(1);

    await cluster.replaceCatalog(mended);
    await Promise.all(users.map((user) => retryUntilReady(user)));
    for (const user of users) {
      const events = await user.ask({ text: question, files: [table.file] });
      expect(resultOf(events).analysis_results.totals).toEqual(table.totals);
      const after = user.frames.slice(user.types().lastIndexOf('initialization_failed'));
      expect(after.find((frame) => frame.type === 'initialization_started')).toMatchObject({ reason: 'retry' });
      expect(after.filter((frame) => frame.type === 'initialization_completed')).toHaveLength(1);
    }
    expect(startsOf('tool_classes', cluster.dir)).toEqual(tools);
    expect(startsOf('agent_supervisor', cluster.dir)).toHaveLength(1);
    expect(startsOf('agent_websocket_bridge', cluster.dir)).toHaveLength(1);
  },
);

test(
  'a command that does not exist is told as such and ends the connection; mended, a new connection works',
  { timeout: 240_000 },
  async () => {
    await using cluster = await startAssistant({ change: soon });
    const mended = await assistantCatalog(cluster.dir, soon);
    await cluster.replaceCatalog(
      await brokenFrom(mended, async ({ services }) => {
        services.thread_service.start.process?.command.splice(0, 1, 'no-such-program-anywhere');
      }),
    );
    const ann = await User.at(cluster, 'ann');
    const asked = ann.ask({ text: question }).catch((error: unknown) => error);
    expect(await asked).toMatchObject({ code: 'command_not_found' });
    expect(await ann.client.closed).toMatchObject({ code: 4503 });
    await expectTold(ann, 'command_not_found');

    await cluster.replaceCatalog(mended);
    await expect
      .poll(async () => (await tryOnce(cluster)).terminal()[0]?.type, { timeout: 120_000, interval: 500 })
      .toBe('initialization_completed');
  },
);

/** One terminal frame that names the thread service as the cause, what was asked is rejected, and nothing was made up. */
async function expectTold(user: User, code: string): Promise<void> {
  await expect.poll(() => user.terminal().length, { timeout: 30_000 }).toBe(1);
  const [failed] = user.of('initialization_failed');
  expect(failed?.failure).toMatchObject({ code, service: 'thread_service', name: 'Conversations' });
  expect(failed?.message).toContain('Conversations');
  expect(user.of('rejected')).toHaveLength(1);
  expect(user.of('message')).toEqual([]);
  expect(user.of('accepted')).toEqual([]);
}

async function retryUntilReady({ client }: User): Promise<void> {
  await expect.poll(() => (client.retry(), client.state), { timeout: 120_000, interval: 200 }).toBe('ready');
}

/** A new user, until the first terminal frame. */
async function tryOnce(cluster: Cluster): Promise<User> {
  const user = await User.at(cluster, 'ann');
  await user.client.ready().catch(() => undefined);
  user.client.close();
  return user;
}

async function brokenFrom(text: string, breakIt: (catalog: AssistantCatalog) => Promise<void>): Promise<string> {
  const catalog = JSON.parse(text) as Catalog & AssistantCatalog;
  await breakIt(catalog);
  return JSON.stringify(catalog);
}

/** Nobody listens there: it was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
