import { expect } from 'vitest';
import type { Balancer } from '../balancer.ts';
import type { Kind } from '../deployables.ts';
import type { Injection } from '../rows/injection.ts';
import type { FaultWorld, Placed } from './fault-world.ts';
import { goOn, Talker } from './talker.ts';

export function living(world: FaultWorld, kind: Kind): Placed[] {
  return world.of(kind).filter(({ deployable: { child } }) => child.exitCode === null && child.signalCode === null);
}

/** All living edges are behind the balancer, or all but this one. */
export async function balance(world: FaultWorld, balancer: Balancer, without?: Placed): Promise<void> {
  const edges = living(world, 'edge').filter((one) => one !== without);
  balancer.use(await Promise.all(edges.map(({ deployable }) => deployable.url())));
}

type Rollout = { world: FaultWorld; faults: Injection; balancer: Balancer; users: readonly Talker[] };

/** A service that is under way for as long as there is no file `gate`: one for each tenant, and the entrypoint of the same name. */
export const slow = {
  service: { scope: 'tenant', dependsOn: ['db'], flags: ['gated'], deadlineMs: 590_000 },
  entrypoint: { service: 'slow', deadlineMs: 600_000 },
} as const;

/**
 * `roll` in the middle of a start: it is under way before the first of this kind is replaced, and ends after the last was.
 * @returns whoever waited for it meanwhile, answered
 */
export async function rollDuringAStart(kind: Kind, of: Rollout): Promise<Talker> {
  const { world, balancer } = of;
  const waiter = new Talker(world, `waits-${kind}`, balancer.url, { entrypoint: 'slow', tenant: `of-${kind}` });
  try {
    const nth = world.starts('slow').length + 1;
    await world.started('slow', nth);
    await roll(kind, of);
    // As a process of its host it ends with its initializer, and another one begins it again. Whatever else is replaced, it goes on.
    if (kind !== 'initializer') expect(world.starts('slow').length).toBe(nth);
    expect(waiter.answers.size).toBe(0);
    await world.file('gate');
    await goOn([waiter]);
    await waiter.stop();
  } finally {
    waiter.client.close();
    await world.remove('gate');
  }
  return waiter;
}

/**
 * Every deployable of this kind makes room for a new one, one after the other, as in a rollout that never has too few: the new one runs, the old
 * one is told to end, ends by itself, and the users go on.
 */
export async function roll(kind: Kind, of: Rollout): Promise<void> {
  const { world, faults, balancer, users } = of;
  for (const old of living(world, kind)) {
    await world.add(kind);
    await faults.inject(`SIGTERM of a ${kind}`, async () => {
      if (kind === 'edge') await balance(world, balancer, old);
      world.signal(old, 'SIGTERM');
    });
    expect(await old.deployable.exited).toBe(0);
    await goOn(users);
    faults.recovered();
  }
}

/** Nothing lost, nothing doubled, no generation started twice, nobody began anew. @returns what the users saw */
export function expectNothingLost(world: FaultWorld, users: readonly Talker[]): string {
  const asked = users.reduce((sum, user) => sum + user.asked, 0);
  const interrupted = users.reduce((sum, user) => sum + user.interrupted.length, 0);
  expect(users.map(({ lost, doubled, refusals }) => ({ lost, doubled, refusals }))).toEqual(
    users.map(() => ({ lost: 0, doubled: 0, refusals: [] })),
  );
  for (const service of ['db', 'app']) {
    const starts = world.starts(service).map(({ instance, generation }) => `${instance} ${generation}`);
    expect(new Set(starts).size, `${service} was started twice as one generation`).toBe(starts.length);
  }
  expect(users.map(({ sessions }) => sessions.size)).toEqual(users.map(() => 1));
  return `${asked} questions: ${asked - interrupted} answered once, ${interrupted} named in \`interrupted\`, 0 lost, 0 doubled; no start doubled`;
}
