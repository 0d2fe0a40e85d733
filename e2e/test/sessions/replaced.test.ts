import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessageFrame, ReveilleClient } from '@reveille/client';
import { expect, inject, test, vi } from 'vitest';
import { Cluster, runs } from '../../src/cluster.ts';

/** What answers comes in another version, and keeps the sessions of the one before for a while. */
const versioned = (version: number) => (dir: string) => `
version: 1
services:
  store: { start: { ${runs('store')} }, ready: { reported: true } }
  echo:
    dependsOn: [store]
    start: { ${runs('echo', join(dir, 'said.txt'))} }
    update: rolling
    drainMs: 4000
    stop: { graceMs: ${version} }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } }, limits: { messagesPerSecond: 1000 } }
`;

type Answer = { generation: number; pid: number; data: unknown };

/** A user who says one thing after the other, until told to stop. */
class Talker {
  readonly answers: Answer[] = [];
  readonly client: ReveilleClient;
  /** What was said to it that is no answer. */
  readonly trouble: unknown[] = [];
  #stopping = false;
  readonly done: Promise<void>;

  constructor(client: ReveilleClient) {
    this.client = client;
    for (const type of ['interrupted', 'rejected', 'error', 'initialization_failed'] as const)
      client.on(type, (frame) => {
        // A session that moves on is told so; of what it said nothing may be missing.
        if (frame.type !== 'interrupted' || frame.reason !== 'replaced' || frame.ids.length > 0)
          this.trouble.push(frame);
      });
    this.done = this.#talk();
  }

  /** Resolves once so many further answers have come. */
  async further(count: number): Promise<void> {
    const before = this.answers.length;
    await vi.waitUntil(() => this.answers.length >= before + count, { timeout: 30_000 });
  }

  get generations(): number[] {
    return [...new Set(this.answers.map(({ generation }) => generation))];
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.done;
  }

  async #talk(): Promise<void> {
    for (let at = 0; !this.#stopping; at++) {
      const said = { at };
      const messages: MessageFrame[] = [];
      for await (const message of this.client.ask(said)) messages.push(message);
      expect(messages.map(({ data }) => (data as Answer).data)).toEqual([said]);
      this.answers.push(messages[0]?.data as Answer);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

test('a new version of what two users talk to replaces it under them: nothing is lost, and all that they get is authentic', async () => {
  await using cluster = await Cluster.start({
    redisUrl: inject('redisUrl'),
    catalog: versioned(5000),
    size: { edge: 2, initializer: 1 },
  });
  const ann = new Talker(await cluster.connect('ann', 0));
  const ben = new Talker(await cluster.connect('ben', 1));
  await Promise.all([ann.further(5), ben.further(5)]);
  const [old] = ann.generations;
  expect(ben.generations).toEqual([old]);

  await cluster.replaceCatalog(versioned(5001)(cluster.dir));
  // Who comes now is served by the old one until the new one is ready, and then by the new one.
  let next: Answer | undefined;
  for (let at = 0; next === undefined || next.generation === old; at++) {
    const cem = await cluster.connect(`cem-${at}`, at % 2);
    for await (const { data } of cem.ask('hello')) next = data as Answer;
    cem.close();
  }
  await Promise.all([ann.further(5), ben.further(5)]);
  expect([ann.generations, ben.generations]).toEqual([[old], [old]]);

  // One leaves by herself, the other one is moved when its time is over.
  await ann.stop();
  ann.client.close();
  await vi.waitUntil(() => ben.generations.length > 1, { timeout: 60_000 });
  await ben.further(5);
  await ben.stop();
  expect(ben.generations).toEqual([old, next.generation]);
  expect([...ann.trouble, ...ben.trouble]).toEqual([]);

  const said = new Set((await readFile(join(cluster.dir, 'said.txt'), 'utf8')).split('\n'));
  const hash = (answer: unknown) => createHash('sha256').update(JSON.stringify(answer)).digest('hex');
  expect([...ann.answers, ...ben.answers].filter((answer) => !said.has(hash(answer)))).toEqual([]);
  const first = ann.answers[0]?.pid ?? 0;
  await vi.waitUntil(() => !alive(first), { timeout: 30_000 });
}, 120_000);

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
