import { describe, expect } from 'vitest';
import { Balancer } from '../../src/balancer.ts';
import { faultRows } from '../../src/rows/row.ts';
import { balance, expectNothingLost, rollDuringAStart, slow } from '../../src/world/rolling.ts';
import { goOn, Talker } from '../../src/world/talker.ts';

/** The sources of an earlier version, with its dependencies installed: set by `npm run test:upgrade`. */
const root = process.env['REVEILLE_UPGRADE_FROM'];
const talkers = 4;
const limits = { connectionsPerUser: 100, heldMessages: 64, messagesPerSecond: 1_000 };
const size = { edge: 2, initializer: 2, relay: 2 };
const services = {
  db: {},
  app: { scope: 'tenant', dependsOn: ['db'] },
  slow: slow.service,
} as const;

describe.runIf(root !== undefined)('npm run test:upgrade', () => {
  faultRows('change', (row) => {
    row(
      'old and new version side by side, upgraded one after the other',
      {
        world: {
          ...(root === undefined ? {} : { root }),
          services,
          chat: { limits },
          entrypoints: { slow: slow.entrypoint },
          size,
          direct: true,
        },
      },
      async (world, faults) => {
        await using balancer = await Balancer.listen();
        await balance(world, balancer);
        const users = Array.from({ length: talkers }, (_, at) => new Talker(world, `user-${at}`, balancer.url));
        const waiters: Talker[] = [];
        try {
          await goOn(users);
          // From here on whatever starts is of this version.
          world.root = undefined;
          for (const kind of ['relay', 'initializer', 'edge'] as const)
            waiters.push(await rollDuringAStart(kind, { world, faults, balancer, users }));
          await Promise.all(users.map((user) => user.stop()));
        } finally {
          for (const { client } of users) client.close();
        }
        faults.userSaw(expectNothingLost(world, [...users, ...waiters]));
        // Sessions that the old edges kept were taken up by the new ones.
        expect(Math.min(...users.map(({ resumed }) => resumed))).toBeGreaterThan(0);
      },
    );
  });
});
