import type { JournalEntry } from '@reveille/contracts';
import type { Run, RunNote, RunsBy, Timelines } from '@reveille/orchestration';
import { readEntryText } from '../journal/read-entry.ts';
import type { Keys } from '../key/keys.ts';
import type { Link } from '../redis/link.ts';
import {
  durationsKeptMs,
  durationsLimit,
  runsLimit,
  timelineHead,
  timelineKeptMs,
  timelineLimit,
  waitsLimit,
} from './bounds.ts';
import { generationsIn } from './generations-in.ts';
import { readRun } from './read-run.ts';
import { begins, claimedBy, indexName, type NoteWrites, writesOf } from './run-notes.ts';
import { keepScript, noteScript } from './scripts.ts';
import { startDuration } from './start-duration.ts';

export class RedisTimelines implements Timelines {
  readonly #link: Link;
  readonly #keys: Keys;

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
  }

  async append(entries: readonly JournalEntry[]): Promise<void> {
    await Promise.all([
      ...entries.flatMap((entry) => [this.#keepEntry(entry), this.#keepDuration(entry)]),
      this.note(generationsIn(entries)),
    ]);
  }

  async read(instance: string, generation: number): Promise<{ entries: JournalEntry[]; keptBefore?: number }> {
    const key = this.#keys.timeline(instance, generation);
    const texts = await this.#link.run((client) => client.zrange(key, '0', '-1'), key);
    const entries = texts.map((text) => readEntryText(text)).filter((entry) => entry !== undefined);
    return { entries, ...(texts.length < timelineLimit ? {} : { keptBefore: timelineHead }) };
  }

  async durations(services: readonly string[]): Promise<Map<string, number[]>> {
    const newestFirst = await this.#link.run((client) =>
      Promise.all(services.map((service) => client.zrevrange(this.#keys.durations(service), 0, durationsLimit - 1))),
    );
    return new Map(services.map((service, at) => [service, (newestFirst[at] ?? []).map(millisecondsOf)]));
  }

  async note(notes: readonly RunNote[]): Promise<ReadonlySet<string>> {
    const isNew = await Promise.all(notes.map((note) => this.#write(writesOf(note))));
    return claimedBy(notes.filter((_, at) => isNew[at]));
  }

  async run(initialization: string): Promise<Run | undefined> {
    const key = this.#keys.run(initialization);
    return readRun(await this.#link.run((client) => client.hgetall(key), key));
  }

  async runs(by: RunsBy, limit: number): Promise<string[]> {
    const key = this.#keys.runs(indexName(by));
    return this.#link.run((client) => client.zrevrange(key, 0, Math.max(1, limit) - 1), key);
  }

  /** Whether its `firsts` are the first. */
  async #write({ initialization, firsts, sets, adds, wait, found }: NoteWrites): Promise<boolean> {
    const args = [timelineKeptMs, waitsLimit, wait !== undefined && begins(wait) ? 1 : 0, ...(wait ?? ['', ''])];
    const fields = [
      ...firsts.flatMap((each) => ['first', ...each]),
      ...sets.flatMap((each) => ['set', ...each]),
      ...adds.flatMap((each) => ['add', ...each]),
    ];
    const [isNew] = await Promise.all([
      this.#link.script(noteScript, [this.#keys.run(initialization)], [...args, ...fields]),
      ...found.map(({ by, at }) =>
        this.#keep(this.#keys.runs(by), at, initialization, { head: 0, limit: runsLimit, keptMs: timelineKeptMs }),
      ),
    ]);
    return isNew === firsts.length;
  }

  #keepEntry(entry: JournalEntry): Promise<unknown> {
    const { instance, generation, revision } = entry.record;
    const key = this.#keys.timeline(instance, generation);
    const bounds = { head: timelineHead, limit: timelineLimit, keptMs: timelineKeptMs };
    return this.#keep(key, revision, JSON.stringify(entry), bounds);
  }

  async #keepDuration(entry: JournalEntry): Promise<void> {
    const start = startDuration(entry);
    if (start === undefined) return;
    const member = `${entry.record.instance}:${entry.record.generation}:${start.ms}`;
    const key = this.#keys.durations(entry.record.service);
    await this.#keep(key, start.readyAt, member, { head: 0, limit: durationsLimit, keptMs: durationsKeptMs });
  }

  #keep(
    key: string,
    score: number,
    member: string,
    { head, limit, keptMs }: { head: number; limit: number; keptMs: number },
  ) {
    return this.#link.script(keepScript, [key], [score, member, head, limit, keptMs]);
  }
}

function millisecondsOf(member: string): number {
  return Number(member.slice(member.lastIndexOf(':') + 1));
}
