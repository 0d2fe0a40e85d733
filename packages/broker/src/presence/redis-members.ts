import type { Member, Members } from '@reveille/orchestration';
import { z } from 'zod';
import type { Keys } from '../key/keys.ts';
import type { Link } from '../redis/link.ts';
import { script } from '../redis/script.ts';
import { prelude } from '../ledger/script/prelude.ts';

/** KEYS: members, details. ARGV: id, details, ttlMs. */
const announceScript = script(`${prelude}
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 1
`);

/** KEYS: members, details. Drops those that ran out. */
const aliveScript = script(`${prelude}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
end
return redis.call('HVALS', KEYS[2])
`);

/** KEYS: members, details. ARGV: id. */
const leaveScript = script(`
redis.call('ZREM', KEYS[1], ARGV[1])
return redis.call('HDEL', KEYS[2], ARGV[1])
`);

const storedMember = z.object({
  id: z.string(),
  kind: z.enum(['edge', 'initializer', 'relay']),
  host: z.string().exactOptional(),
  edgeKey: z.string().exactOptional(),
  sessions: z.record(z.string(), z.object({ open: z.number(), waiting: z.number() })).exactOptional(),
  webhooks: z.boolean().exactOptional(),
  startedAt: z.number(),
});

export class RedisMembers implements Members {
  readonly #link: Link;
  readonly #keys: readonly [string, string];

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = [keys.members(), keys.memberDetails()];
  }

  async announce(member: Member, ttlMs: number): Promise<void> {
    await this.#link.script(announceScript, this.#keys, [member.id, JSON.stringify(member), ttlMs]);
  }

  async leave(member: Member): Promise<void> {
    await this.#link.script(leaveScript, this.#keys, [member.id]);
  }

  /** A member whose details are not of this version (a later release side by side) is left out. */
  async alive(): Promise<Member[]> {
    const details = (await this.#link.script(aliveScript, this.#keys, [])) as string[];
    return details.flatMap((text) => {
      const parsed = storedMember.safeParse(JSON.parse(text));
      return parsed.success ? [parsed.data] : [];
    });
  }
}
