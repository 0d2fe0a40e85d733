import type { JournalEntry } from '@reveille/contracts';
import type { Timelines } from '@reveille/orchestration';
import { readEntryText } from '../journal/read-entry.ts';
import type { Keys } from '../key/keys.ts';
import type { Link } from '../redis/link.ts';
import { script } from '../redis/script.ts';
import { durationsKeptMs, durationsLimit, timelineKeptMs, timelineLimit } from './bounds.ts';
import { startDuration } from './start-duration.ts';

/** KEYS: a sorted set. ARGV: score, member, limit, keptMs. The same member twice is there once: entries may come again. */
const keepScript = script(`
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -ARGV[3] - 1)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
`);

export class RedisTimelines implements Timelines {
  readonly #link: Link;
  readonly #keys: Keys;

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
  }

  async append(entries: readonly JournalEntry[]): Promise<void> {
    await Promise.all(entries.flatMap((entry) => [this.#keepEntry(entry), this.#keepDuration(entry)]));
  }

  async read(instance: string, generation: number): Promise<JournalEntry[]> {
    const key = this.#keys.timeline(instance, generation);
    const texts = await this.#link.run((client) => client.zrange(key, '0', '-1'), key);
    return texts.map((text) => readEntryText(text)).filter((entry) => entry !== undefined);
  }

  async durations(services: readonly string[]): Promise<Map<string, number[]>> {
    const newestFirst = await this.#link.run((client) =>
      Promise.all(services.map((service) => client.zrevrange(this.#keys.durations(service), 0, durationsLimit - 1))),
    );
    return new Map(services.map((service, at) => [service, (newestFirst[at] ?? []).map(millisecondsOf)]));
  }

  #keepEntry(entry: JournalEntry): Promise<unknown> {
    const { instance, generation, revision } = entry.record;
    const key = this.#keys.timeline(instance, generation);
    return this.#link.script(keepScript, [key], [revision, JSON.stringify(entry), timelineLimit, timelineKeptMs]);
  }

  async #keepDuration(entry: JournalEntry): Promise<void> {
    const start = startDuration(entry);
    if (start === undefined) return;
    const member = `${entry.record.instance}:${entry.record.generation}:${start.ms}`;
    const key = this.#keys.durations(entry.record.service);
    await this.#link.script(keepScript, [key], [start.readyAt, member, durationsLimit, durationsKeptMs]);
  }
}

function millisecondsOf(member: string): number {
  return Number(member.slice(member.lastIndexOf(':') + 1));
}
