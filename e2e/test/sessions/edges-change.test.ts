import { connect, type ReveilleClient } from '@reveille/client';
import { expect, inject, test, vi } from 'vitest';
import { Balancer } from '../../src/balancer.ts';
import { Cluster, runs } from '../../src/cluster.ts';
import type { Deployable } from '../../src/deployables.ts';

const catalog = `
version: 1
services:
  store: { start: { ${runs('store')} }, ready: { reported: true } }
  echo: { scope: tenant, dependsOn: [store], start: { ${runs('echo')} } }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } }, deadlineMs: 120000, limits: { messagesPerSecond: 1000 } }
`;

/** Asks one question after the other until it is told to stop, and notes everything that the wire says about them. */
class Talker {
  readonly client: ReveilleClient;
  readonly name: string;
  /** Questions, and the numbers of the messages that answered each. */
  readonly answers = new Map<string, number[]>();
  readonly sessions = new Set<string>();
  resumed = 0;
  refused = 0;
  #talking = true;
  readonly #over: Promise<void>;

  constructor(name: string, url: string) {
    this.name = name;
    this.client = connect({ url, entrypoint: 'chat', as: { user: name, tenant: 'acme' } });
    this.client.on('welcome', ({ session, resumed }) => {
      this.sessions.add(session);
      if (resumed) this.resumed += 1;
      else if (this.sessions.size > 1) this.refused += 1;
    });
    this.client.on('message', ({ re = '', seq }) => {
      const known = this.answers.get(re) ?? [];
      this.answers.set(re, [...known, seq]);
    });
    this.#over = this.#talk();
    // Told by stop(), which is not reached when something else fails first.
    this.#over.catch(() => undefined);
  }

  /** Resolves when the question under way is answered. Rejects when one was lost. */
  async stop(): Promise<void> {
    this.#talking = false;
    await this.#over;
  }

  async #talk(): Promise<void> {
    let n = 0;
    while (this.#talking) {
      n += 1;
      const id = `${this.name}-${n}`;
      const said = await Array.fromAsync(this.client.ask({ n }, { id }));
      expect(said.map(({ data }) => Object(data)['data'])).toEqual([{ n }]);
    }
  }
}

async function answered(talkers: readonly Talker[]): Promise<void> {
  const before = talkers.map(({ answers }) => answers.size);
  await vi.waitUntil(() => talkers.every(({ answers }, at) => answers.size > (before[at] ?? 0) + 1), {
    timeout: 60_000,
  });
}

test('edges are restarted and killed under load: every session goes on, and no message is lost or doubled', async () => {
  await using balancer = await Balancer.listen();
  await using cluster = await Cluster.start({ redisUrl: inject('redisUrl'), catalog, size: { edge: 2 } });
  let edges = cluster.of('edge');
  const direct = async (): Promise<void> => balancer.use(await Promise.all(edges.map((edge) => edge.url())));
  await direct();
  const talkers = Array.from({ length: 12 }, (_, at) => new Talker(`user-${at}`, balancer.url));
  try {
    await answered(talkers);
    for (const signal of ['SIGTERM', 'SIGTERM', 'SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
      const [old, ...rest] = edges as [Deployable, ...Deployable[]];
      const next = cluster.add('edge');
      await next.running();
      edges = [...rest, next];
      await direct();
      old.child.kill(signal);
      expect(await old.exited).toBe(signal === 'SIGTERM' ? 0 : null);
      await answered(talkers);
    }
    await Promise.all(talkers.map((talker) => talker.stop()));
  } finally {
    for (const { client } of talkers) client.close();
  }
  for (const { answers, sessions, refused } of talkers) {
    // Each question has one answer, and the numbers of the messages leave nothing out.
    const numbers = [...answers.values()].flat();
    expect([...answers.values()].every(({ length }) => length === 1)).toBe(true);
    expect(numbers).toEqual(numbers.map((_, at) => at + 1));
    expect({ sessions: sessions.size, refused }).toEqual({ sessions: 1, refused: 0 });
  }
  // Each of them was on an edge that went, more than once.
  expect(Math.min(...talkers.map(({ resumed }) => resumed))).toBeGreaterThan(0);
});
