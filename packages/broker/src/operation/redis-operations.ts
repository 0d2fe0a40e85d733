import { type AuditEntry, auditEntry, type Pause, pause, type PauseTarget } from '@reveille/contracts';
import { auditKept, type Operations } from '@reveille/orchestration';
import type { z } from 'zod';
import type { Keys } from '../key/keys.ts';
import type { Link } from '../redis/link.ts';
import { script } from '../redis/script.ts';

/** KEYS: audit. ARGV: entry, entries kept. */
const recordScript = script(`
redis.call('LPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], 0, ARGV[2] - 1)
return 1
`);

export class RedisOperations implements Operations {
  readonly #link: Link;
  readonly #keys: Keys;

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
  }

  /** What is not of this version (a later release side by side) is left out, as everywhere. */
  async pauses(): Promise<Pause[]> {
    const texts = await this.#link.run((client) => client.hvals(this.#keys.pauses()));
    return texts.flatMap((text) => parsed(pause, text));
  }

  async pause(of: Pause): Promise<void> {
    await this.#link.run((client) => client.hset(this.#keys.pauses(), fieldOf(of.target), JSON.stringify(of)));
  }

  async resume(target: PauseTarget): Promise<boolean> {
    return (await this.#link.run((client) => client.hdel(this.#keys.pauses(), fieldOf(target)))) > 0;
  }

  async record(entry: AuditEntry): Promise<void> {
    await this.#link.script(recordScript, [this.#keys.audit()], [JSON.stringify(entry), auditKept]);
  }

  async audit(limit: number): Promise<AuditEntry[]> {
    const texts = await this.#link.run((client) => client.lrange(this.#keys.audit(), 0, limit - 1));
    return texts.flatMap((text) => parsed(auditEntry, text));
  }
}

function fieldOf({ kind, name }: PauseTarget): string {
  return `${kind}:${name}`;
}

function parsed<S extends z.ZodType>(schema: S, text: string): z.infer<S>[] {
  try {
    const result = schema.safeParse(JSON.parse(text));
    return result.success ? [result.data] : [];
  } catch {
    // No JSON: not of ours.
    return [];
  }
}
