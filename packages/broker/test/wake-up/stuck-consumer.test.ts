import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { launchRedis } from '@reveille/broker/server';
import { RedisSentinels } from '@reveille/broker/shapes';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { silentLogger } from '../../src/logger.ts';
import { parseRedisUrl } from '../../src/redis/address.ts';
import { Link } from '../../src/redis/link.ts';
import type { RedisClient } from '../../src/redis/open.ts';
import { canaryJob, type CanaryTimes } from '../../src/wake-up/canary.ts';
import { LastingConsumer } from '../../src/wake-up/lasting-consumer.ts';
import { canaryOptions } from '../../src/wake-up/queues.ts';
import { waitingJobs } from '../../src/wake-up/waiting-jobs.ts';
import { Inbox } from '../conformance/inbox.ts';
import { redisUrl } from '../redis/provided-url.ts';

const name = 'reconcile';

/** One consumer on a queue of its own, whose connections a test can hang. */
class Pool implements AsyncDisposable {
  readonly taken = new Inbox<number>();
  readonly stuck = new Inbox<string | undefined>();
  readonly broken = new Inbox<Error>();
  readonly signals: AbortSignal[] = [];
  readonly queue: Queue;
  /** A job whose number is negative is held until this resolves. */
  readonly go = Promise.withResolvers<void>();
  /** Connections opened from now on hang too. */
  hangsAll = false;
  readonly #engines: RedisClient[] = [];
  readonly #stack = new AsyncDisposableStack();
  readonly #consumer: LastingConsumer<{ number: number }>;

  readonly prefix: string;

  constructor(url: string, times: CanaryTimes, concurrency = 2, prefix = `{t-${randomBytes(6).toString('hex')}}`) {
    this.prefix = prefix;
    const link = this.#stack.use(new Link(parseRedisUrl(url), silentLogger));
    const open = link.open.bind(link);
    link.open = (role) => this.#keep(open(role));
    this.queue = new Queue(name, { connection: link.commands, prefix, skipVersionCheck: true });
    this.queue.on('error', () => undefined);
    this.#consumer = this.#stack.use(
      new LastingConsumer({
        ...{ link, prefix, logger: silentLogger, queue: name, concurrency, times },
        schema: z.object({ number: z.number() }),
        handle: async ({ number }, signal) => {
          this.signals.push(signal);
          this.taken.put(number);
          if (number < 0) await this.go.promise;
        },
        waiting: () => link.run((client) => waitingJobs(client, `${prefix}:${name}`)),
        addCanary: async () => void (await link.run(() => this.queue.add(canaryJob, {}, canaryOptions))),
        onStuck: this.stuck.put,
        onBroken: this.broken.put,
      }),
    );
  }

  async ready(): Promise<this> {
    await this.#consumer.ready();
    return this;
  }

  async add(number: number): Promise<void> {
    await this.queue.add(name, { number });
  }

  /** Everything that the consumer's connections are asked from now on stays without an answer or an error. */
  hang(): void {
    for (const client of this.#engines) hang(client);
  }

  /** The consumer's connections are cut, and no others. */
  cut(): void {
    for (const client of this.#engines) (client as Redis).stream.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.go.resolve();
    await this.#stack.disposeAsync();
  }

  #keep<C extends RedisClient>(client: C): C {
    this.#engines.push(client);
    if (this.hangsAll) client.once('ready', () => hang(client));
    const duplicate = client.duplicate.bind(client) as (...args: unknown[]) => C;
    Object.assign(client, { duplicate: (...args: unknown[]) => this.#keep(duplicate(...args)) });
    return client;
  }
}

function hang(client: RedisClient): void {
  Object.assign(client, { sendCommand: () => new Promise(() => undefined) });
}

/** Far above the milliseconds that a consumer needs to be woken. */
const short: CanaryTimes = { lookEveryMs: 50, canaryAfterMs: 200, stuckAfterMs: 3000, silentAfterMs: 8000 };
const silence = /^this process has room for jobs of reconcile, but no fetch came back for \d+ s$/;

/** Takes jobs with a healthy one on the same queue, which leaves nothing waiting. */
async function together(): Promise<AsyncDisposable & { wedged: Pool; healthy: Pool; keepTaking(): Promise<void> }> {
  await using stack = new AsyncDisposableStack();
  const wedged = await stack.use(new Pool(redisUrl, short)).ready();
  const healthy = await stack.use(new Pool(redisUrl, short, 2, wedged.prefix)).ready();
  const open = stack.move();
  return {
    ...{ wedged, healthy },
    keepTaking: async () => {
      const before = healthy.taken.all.length;
      for (let number = 1; number <= 20; number += 1) await healthy.add(number);
      await healthy.taken.count(before + 20);
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

test.concurrent(
  'a consumer that takes nothing while jobs wait is replaced, and says so until jobs are taken again',
  async () => {
    await using pool = await new Pool(redisUrl, short).ready();
    await pool.add(1);
    await pool.taken.count(1);
    pool.hang();
    await pool.add(2);
    const [words] = await pool.stuck.count(1);
    expect(words).toMatch(/^jobs of reconcile wait and this process has room, but it took none for \d+ s$/);
    expect((await pool.taken.until((all) => all.includes(2))).at(-1)).toBe(2);
    expect(await pool.stuck.count(2)).toEqual([words, undefined]);
    expect(pool.broken.all).toEqual([]);
  },
);

test.concurrent('an idle one is found out by its canary, before anybody needs it', async () => {
  await using pool = await new Pool(redisUrl, short).ready();
  pool.hang();
  expect(await pool.stuck.count(2)).toEqual([expect.stringContaining('took none'), undefined]);
  expect(pool.taken.all).toEqual([]);
});

test.concurrent('what a stuck consumer has in hand goes on, and is told only of the end of all', async () => {
  await using pool = await new Pool(redisUrl, short).ready();
  await pool.add(-1);
  await pool.taken.count(1);
  pool.hang();
  await pool.add(2);
  await pool.taken.until((all) => all.includes(2));
  expect(pool.signals[0]?.aborted).toBe(false);
  await pool[Symbol.asyncDispose]();
  expect(pool.signals[0]?.aborted).toBe(true);
});

test.concurrent('when replacing it does not help, whoever holds it is told to leave', async () => {
  await using pool = await new Pool(redisUrl, { ...short, stuckAfterMs: 500 }).ready();
  pool.hangsAll = true;
  pool.hang();
  await pool.add(1);
  const [error] = await pool.broken.count(1);
  expect(error?.message).toMatch(/replacing its consumer did not help/);
});

test.concurrent(
  'one that lost its connection and finds no way back is not stuck: it goes on when there is one, and nobody leaves',
  async () => {
    await using sentinels = await RedisSentinels.launch({ sentinels: 1 });
    const [sentinel] = sentinels.sentinels;
    await using pool = await new Pool(sentinels.url, { ...short, stuckAfterMs: 300 }).ready();
    await pool.add(1);
    await pool.taken.count(1);
    process.kill(sentinel?.server.pid ?? 0, 'SIGSTOP');
    try {
      // The connection that adds and counts what waits stays.
      pool.cut();
      await pool.add(2);
      await pause(3000);
      expect(pool.taken.all).toEqual([1]);
    } finally {
      process.kill(sentinel?.server.pid ?? 0, 'SIGCONT');
    }
    await pool.taken.until((all) => all.includes(2));
    expect([pool.stuck.all, pool.broken.all]).toEqual([[], []]);
  },
);

test.concurrent('a consumer without room is not stuck, nor is one whose queue is paused', async () => {
  await using pool = await new Pool(redisUrl, { ...short, stuckAfterMs: 300 }, 1).ready();
  await pool.add(-1);
  await pool.taken.count(1);
  await pool.add(2);
  await pause(1500);
  await pool.queue.pause();
  pool.go.resolve();
  await pause(1500);
  expect(pool.stuck.all).toEqual([]);
  await pool.queue.resume();
  await pool.taken.until((all) => all.includes(2));
});

test.concurrent(
  'Redis being away is not mistaken for it: all goes on when it is back, with the same consumer',
  async () => {
    await using server = await launchRedis();
    await using pool = await new Pool(server.url, { ...short, stuckAfterMs: 1500 }).ready();
    await pool.add(1);
    await pool.taken.count(1);
    const added = pool.add(2);
    process.kill(server.pid, 'SIGSTOP');
    await Promise.allSettled([added, pool.add(3), pause(6000)]);
    process.kill(server.pid, 'SIGCONT');
    while (!pool.taken.all.includes(4)) {
      await pool.add(4).catch(() => undefined);
      await pause(50);
    }
    expect(pool.stuck.all).toEqual([]);
  },
);

test.concurrent('one that is stuck is found out too while another takes all that waits, and is replaced', async () => {
  await using pools = await together();
  const { wedged, healthy } = pools;
  wedged.hang();
  await pools.keepTaking();
  expect(await wedged.stuck.count(2)).toEqual([expect.stringMatching(silence), undefined]);
  expect([wedged.broken.all, healthy.stuck.all, healthy.broken.all]).toEqual([[], [], []]);
});

test.concurrent('it leaves when replacing it does not help, although another takes all that waits', async () => {
  await using pools = await together();
  const { wedged, healthy } = pools;
  wedged.hangsAll = true;
  wedged.hang();
  await pools.keepTaking();
  const [error] = await wedged.broken.count(1);
  expect(error?.message).toMatch(/no fetch came back for \d+ s; replacing its consumer did not help$/);
  await pools.keepTaking();
  expect([healthy.stuck.all, healthy.broken.all]).toEqual([[], []]);
});

test.concurrent('neither one that nothing is there for is stuck, nor one whose room is all taken', async () => {
  const quiet: CanaryTimes = { ...short, canaryAfterMs: 60_000 };
  await using idle = await new Pool(redisUrl, quiet).ready();
  await using full = await new Pool(redisUrl, quiet, 1).ready();
  await using half = await new Pool(redisUrl, quiet, 2).ready();
  await Promise.all([full.add(-1), half.add(-1)]);
  await Promise.all([full.taken.count(1), half.taken.count(1)]);
  await pause(2.5 * quiet.silentAfterMs);
  expect([idle, full, half].map(({ stuck }) => stuck.all)).toEqual([[], [], []]);
});
