import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RedisCluster, RedisSentinels } from '@reveille/broker/shapes';
import { expect } from 'vitest';
import { faultRows } from '../../src/rows/row.ts';
import type { Injection } from '../../src/rows/injection.ts';
import { eventually } from '../../src/world/eventually.ts';
import type { FaultWorld } from '../../src/world/fault-world.ts';
import { goOn, Talker } from '../../src/world/talker.ts';
import { SplitSentinels } from '../../src/world/split-sentinels.ts';
import type { Visitor } from '../../src/world/visitor.ts';
import type { WorldOf } from '../../src/world/world-of.ts';

const talkers = 4;
const limits = { connectionsPerUser: 100, heldMessages: 64, messagesPerSecond: 1_000 };
const cutOff = fileURLToPath(new URL('../../src/world/cut-off.ts', import.meta.url));
/** What nobody wants ends soon. */
const idle = { idle: { stopAfterMs: 2_000 } };
const briefly = { db: idle, app: { scope: 'tenant', dependsOn: ['db'], ...idle } };
/** Longer than it takes until interest that nobody renews has run out and what is idle is stopped, or what is unknown counts as a leftover. */
const cutOffMs = 35_000;
const size = { edge: 2, initializer: 2, relay: 2 };
/** A world on this shape of Redis, which a row also gets into its hand. */
function on<S extends NonNullable<Awaited<ReturnType<NonNullable<WorldOf['shape']>>>>>(launch: () => Promise<S>) {
  let launched: S | undefined;
  const world: WorldOf = { size, chat: { limits }, shape: async () => (launched = await launch()) };
  const redis = (): S => {
    if (launched === undefined) throw new Error('not launched yet');
    return launched;
  };
  return { world, redis };
}

/** Users of both edges talk all the while; somebody of another tenant comes meanwhile, and is served by a service of its own. */
async function goesOnOver(world: FaultWorld, faults: Injection, name: string, act: () => unknown): Promise<void> {
  const urls = await Promise.all(world.of('edge').map(({ deployable }) => deployable.url()));
  const users = Array.from({ length: talkers }, (_, at) => new Talker(world, `user-${at}`, urls[at % 2] ?? ''));
  try {
    await goOn(users);
    const before = world.starts('db').length;
    await faults.inject(name, act);
    await goOn(users);
    await served(world, 'globex');
    await served(world, 'initech', 1);
    faults.recovered();
    await goOn(users);
    await Promise.all(users.map((user) => user.stop()));
    expect(users.map(({ lost, doubled, refusals, interrupted }) => ({ lost, doubled, refusals, interrupted }))).toEqual(
      users.map(() => ({ lost: 0, doubled: 0, refusals: [], interrupted: [] })),
    );
    // A failover is no reason to start anything again.
    expect(world.starts('db')).toHaveLength(before);
    expect(world.placed.map(({ deployable: { child } }) => child.exitCode)).toEqual(world.placed.map(() => null));
    const asked = users.reduce((sum, user) => sum + user.asked, 0);
    faults.userSaw(
      `${asked} questions answered once meanwhile; who comes new may be told \`broker_unavailable\` first`,
    );
  } finally {
    for (const { client } of users) client.close();
  }
}

/** Somebody comes, is served and leaves. */
async function served(world: FaultWorld, tenant: string, edge = 0): Promise<void> {
  const visitor = await answered(world, tenant, edge);
  await visitor.leave();
}

/** Whoever comes while Redis is away fails cleanly, and comes again. @returns the one who got an answer */
async function answered(world: FaultWorld, tenant: string, edge = 0): Promise<Visitor> {
  let served: Visitor | undefined;
  await eventually(async () => {
    const visitor = await world.user('new', { tenant, edge });
    const answer = await visitor.ask('hello');
    if (answer.how === 'answered') return (served = visitor) !== undefined;
    await visitor.leave();
    // The question may come after the failure that it was to wait for.
    expect(answer.how).toBe('rejected');
    const { lastEnd } = visitor;
    expect(lastEnd?.type === 'initialization_failed' && lastEnd.failure.code).toBe('broker_unavailable');
    return false;
  }, `${tenant} was not served`);
  return served as Visitor;
}

faultRows('failover', (row) => {
  const planned = on(() => RedisSentinels.launch({ replicas: 2 }));
  row('Sentinel: planned', { world: planned.world }, (world, faults) =>
    goesOnOver(world, faults, 'SENTINEL FAILOVER', () => planned.redis().failOver()),
  );

  const killed = on(() => RedisSentinels.launch({ replicas: 2 }));
  row('Sentinel: primary killed', { world: killed.world }, (world, faults) =>
    goesOnOver(world, faults, 'SIGKILL of the primary', () => killed.redis().killPrimary()),
  );

  const blind = on(() => RedisSentinels.launch({ replicas: 1 }));
  row('Sentinel: all sentinels away for 30 s', { world: blind.world }, (world, faults) =>
    goesOnOver(world, faults, 'SIGSTOP of all sentinels', async () => {
      const all = blind.redis().sentinels.map(({ server }) => server.pid);
      for (const pid of all) process.kill(pid, 'SIGSTOP');
      try {
        await served(world, 'umbrella');
        await pause(30_000);
        await served(world, 'hooli', 1);
      } finally {
        for (const pid of all) process.kill(pid, 'SIGCONT');
      }
    }),
  );

  const split = on(() => SplitSentinels.launch());
  row(
    'Sentinel: old primary cut off but writable, and an initializer with it',
    { world: { ...split.world, services: briefly, size: { ...size, initializer: 0 } } },
    async (world, faults) => {
      // Whatever runs before is held by the one that will be on the other side.
      const far = await world.add('initializer', {
        NODE_OPTIONS: `--import=${cutOff}`,
        TEST_UNREACHABLE_PORTS: split.redis().otherPorts.join(','),
      });
      const ann = await answered(world, 'acme');
      await world.add('initializer');
      let ben: Visitor | undefined;
      await goesOnOver(world, faults, 'the old primary is cut off', async () => {
        world.signal(far, 'SIGUSR2');
        await split.redis().split();
        ben = await answered(world, 'umbrella');
        const before = await split.redis().oldWrites();
        // Both sides take writes all the while: there, nobody wants what runs, and what runs for ben is unknown.
        await pause(cutOffMs);
        expect(await split.redis().oldWrites()).toBeGreaterThan(before);
        world.signal(far, 'SIGUSR2');
        await split.redis().heal();
      });
      for (const one of [ann, ben]) {
        expect(await one?.ask('afterwards')).toMatchObject({ how: 'answered' });
        expect(one?.of('interrupted')).toEqual([]);
      }
    },
  );

  const killedNode = on(() => RedisCluster.launch({ replicas: 1 }));
  row('Cluster: primary of the queues killed', { world: killedNode.world }, (world, faults) =>
    goesOnOver(world, faults, 'SIGKILL of a primary', async () => {
      const cluster = killedNode.redis();
      await cluster.kill(await cluster.primaryOf(`{${world.namespace}}`));
    }),
  );

  const moved = on(() => RedisCluster.launch());
  row('Cluster: slots of queues and records move under load', { world: moved.world }, (world, faults) =>
    goesOnOver(world, faults, 'CLUSTER SETSLOT … MIGRATING', async () => {
      const cluster = moved.redis();
      const partitions = Array.from({ length: 8 }, (_, n) => `{${world.namespace}:p${n}}`);
      for (const tag of [`{${world.namespace}}`, ...partitions]) {
        const from = await cluster.primaryOf(tag);
        const to = cluster.nodes[(cluster.nodes.indexOf(from) + 1) % cluster.nodes.length];
        if (to !== undefined) await cluster.migrate(tag, to);
      }
    }),
  );
});
