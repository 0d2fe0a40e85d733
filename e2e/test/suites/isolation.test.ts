import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerFrame } from '@reveille/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startAssistant } from '../../src/assistant/assistant.ts';
import { resultOf, type RunEvent, User } from '../../src/assistant/user.ts';
import type { Cluster } from '../../src/cluster.ts';
import { seeded } from '../../src/seed.ts';
import { generatedTable, type UsageTable } from '../../src/usage-table.ts';

type Tenant = 'acme' | 'globex';
type Guest = { user: User; tenant: Tenant; secret: string; table: UsageTable; events: RunEvent[] };

/** The same names in both tenants: whoever forgets the tenant mixes them up. */
const names = Array.from({ length: 10 }, (_, index) => `user-${index}`);
const tenants: readonly Tenant[] = ['acme', 'globex'];

describe('twenty users of two tenants at once', () => {
  let cluster: Cluster;
  let guests: Guest[];

  beforeAll(async () => {
    const random = seeded();
    cluster = await startAssistant({
      size: { edge: 2 },
      change({ services }) {
        // Each tenant has its own agents; tools and threads are shared, so these have to keep their users apart.
        services.agent_supervisor.scope = 'tenant';
        services.agent_websocket_bridge.scope = 'tenant';
      },
    });
    const wanted = tenants.flatMap((tenant) => names.map((name) => ({ tenant, name })));
    guests = await Promise.all(
      wanted.map(async ({ tenant, name }, index) => {
        const secret = `secret${randomBytes(6).toString('hex')}`;
        const rows = 20 + index * 7;
        const table = generatedTable(random, { rows, name: `usage-${secret}.csv`, feature: secret });
        const user = await User.at(cluster, name, { tenant, edge: index % 2 });
        // The same id for every message: it is a name within a session and nowhere else.
        const events = await user.ask({ text: `What does ${secret} use?`, files: [table.file] }, 'message-1');
        return { user, tenant, secret, table, events };
      }),
    );
  }, 240_000);
  afterAll(async () => cluster?.[Symbol.asyncDispose]());

  test('each gets the totals of the own table', () => {
    for (const { table, events } of guests) expect(resultOf(events).analysis_results.totals).toEqual(table.totals);
  });

  test('nobody sees a table, a run, a session or a word of another', () => {
    for (const guest of guests) {
      const seen = JSON.stringify(guest.user.frames);
      expect(seen).toContain(guest.secret);
      for (const other of guests) {
        if (other === guest) continue;
        expect(seen).not.toContain(other.secret);
        expect(seen).not.toContain(other.events[0]?.run);
        expect(seen).not.toContain(other.user.of('welcome')[0]?.session);
        expect(seen).not.toContain(other.user.of('welcome')[0]?.resumeKey);
      }
    }
    expect(new Set(guests.map(({ events }) => events[0]?.run)).size).toBe(guests.length);
  });

  test('the agents of a tenant, and their progress, are seen by its users alone', () => {
    const generations = (tenant: Tenant): Set<number> => {
      const own = guests.filter((guest) => guest.tenant === tenant).flatMap(({ user }) => user.frames);
      return new Set(
        own.flatMap((frame) => {
          if (frame.type === 'message') return [frame.origin.generation];
          if (frame.type !== 'service_initializing' && frame.type !== 'service_completed') return [];
          const isOwn = frame.service === 'agent_supervisor' || frame.service === 'agent_websocket_bridge';
          return isOwn ? [frame.generation] : [];
        }),
      );
    };
    const [acme, globex] = [generations('acme'), generations('globex')];
    expect(acme.size).toBe(2);
    expect(globex.size).toBe(2);
    expect(acme.isDisjointFrom(globex)).toBe(true);
  });

  test('a question that follows is about the own table, for all of them at once', async () => {
    const answers = await Promise.all(guests.map(({ user }) => user.ask({ text: 'And the peaks?' }, 'message-2')));
    for (const [index, { table, secret, user }] of guests.entries()) {
      const { totals, table: used } = resultOf(answers[index] ?? []).analysis_results;
      expect(totals).toEqual(table.totals);
      expect(used?.name).toContain(secret);
      expect(user.terminal()).toHaveLength(1);
    }
  });

  test('the session of another is of no use, with a guessed key or with the stolen one', async () => {
    const [victim] = guests as [Guest];
    const { session, resumeKey } = victim.user.of('welcome')[0] ?? { session: '', resumeKey: '' };
    const thieves = [
      { user: 'thief', tenant: 'acme', key: randomBytes(32).toString('base64url') },
      { user: 'thief', tenant: 'acme', key: resumeKey },
      { user: 'user-0', tenant: 'globex', key: resumeKey },
    ];
    const before = victim.user.frames.length;
    for (const { user, tenant, key } of thieves) {
      const heard = await steal(cluster, { as: { user, tenant }, resume: { session, key, lastSeq: 0 } });
      if (heard.closed === 4509) continue;
      const welcome = heard.frames.find((frame) => frame.type === 'welcome');
      expect(welcome).toMatchObject({ resumed: false, user });
      expect(welcome?.session).not.toBe(session);
      expect(resultOf(heard.answer).analysis_results).not.toHaveProperty('totals');
      expect(JSON.stringify(heard.frames)).not.toContain(victim.secret);
    }
    expect(victim.user.frames.slice(before).filter((frame) => frame.type !== 'ping')).toEqual([]);
    expect(victim.user.client.state).toBe('ready');
  });
});

/** Takes up a session by hand, and asks about "the table" when that is let in. */
async function steal(cluster: Cluster, hello: { as: object; resume: object }) {
  const url = `${await cluster.of('edge')[0]?.url()}/v1/connect/chat`;
  const socket = new WebSocket(url, 'reveille.v1');
  const frames: ServerFrame[] = [];
  const answer: RunEvent[] = [];
  const over = Promise.withResolvers<number | undefined>();
  socket.once('close', (code) => over.resolve(code));
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as ServerFrame;
    frames.push(frame);
    if (frame.type === 'welcome')
      socket.send(JSON.stringify({ type: 'send', id: 'message-1', data: { text: 'What is in my table?' } }));
    if (frame.type !== 'message') return;
    answer.push(frame.data as unknown as RunEvent);
    if (frame.final === true) over.resolve(undefined);
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'hello', client: { name: 'test', version: '1' }, ...hello }));
  const closed = await over.promise;
  socket.terminate();
  return { frames, answer, closed };
}
