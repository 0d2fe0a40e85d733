import { RedisSentinels } from '@reveille/broker/shapes';
import { eventually } from './eventually.ts';
import type { Shape } from './world-of.ts';

/** Clients have a user of their own, so that a server can refuse its sentinels and replicas, and serve its clients. */
const client = 'app:secret';
const [name, password] = client.split(':');
const args = [
  ...['--user', name ?? '', 'on', `>${password}`, '~*', '&*', '+@all'],
  // Else the old primary refuses writes soon after it has lost its replicas.
  ...['--min-replicas-to-write', '0'],
];

/** A primary, a replica and sentinels of which the primary can be cut off while it takes the writes of whoever is on its side. */
export class SplitSentinels implements Shape {
  readonly url: string;
  readonly #sentinels: RedisSentinels;
  readonly #old: Awaited<ReturnType<RedisSentinels['primary']>>;

  private constructor(sentinels: RedisSentinels, old: Awaited<ReturnType<RedisSentinels['primary']>>) {
    this.#sentinels = sentinels;
    this.#old = old;
    this.url = sentinels.url.replace('://', `://${client}@`);
  }

  static async launch(): Promise<SplitSentinels> {
    const sentinels = await RedisSentinels.launch({ replicas: 1, args });
    return new SplitSentinels(sentinels, await sentinels.primary());
  }

  /** Of everything that is not on the side of the old primary. */
  get otherPorts(): readonly number[] {
    const { data, sentinels } = this.#sentinels;
    return [...data.filter((one) => one !== this.#old), ...sentinels].map(({ port }) => port);
  }

  /** Resolves when the sentinels have made another one primary. */
  async split(): Promise<void> {
    await this.#old.client.call('ACL', 'SETUSER', 'default', 'off');
    await this.#old.client.call('CLIENT', 'KILL', 'USER', 'default', 'SKIPME', 'yes');
    await eventually(async () => (await this.#sentinels.primary()) !== this.#old, 'no other primary was made');
  }

  /** How many writes the old primary has taken, by scripts, if it still takes any. */
  async oldWrites(): Promise<number> {
    const [role] = await this.#old.client.role();
    const stats = await this.#old.client.info('commandstats');
    return role === 'master' ? Number(/cmdstat_zadd:calls=(\d+)/.exec(stats)?.[1] ?? 0) : Number.NaN;
  }

  /** Resolves when the old primary has become a replica of the new one: what it alone knew is gone. */
  async heal(): Promise<void> {
    await this.#old.client.call('ACL', 'SETUSER', 'default', 'on');
    const isReplica = async (): Promise<boolean> => {
      // Sentinels end the connections of whoever they demote.
      if (this.#old.client.status !== 'ready') await this.#old.client.connect().catch(() => undefined);
      const [role, , , link] = (await this.#old.client.role().catch(() => [])) as string[];
      return role === 'slave' && link === 'connected';
    };
    await eventually(isReplica, 'the old primary did not follow the new one');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sentinels[Symbol.asyncDispose]();
  }
}
