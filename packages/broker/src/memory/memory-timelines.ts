import type { JournalEntry } from '@reveille/contracts';
import type { Run, RunNote, RunsBy, Timelines } from '@reveille/orchestration';
import {
  durationsLimit,
  runFieldsLimit,
  runsLimit,
  timelineHead,
  timelineKeptMs,
  timelineLimit,
  waitsLimit,
} from '../timeline/bounds.ts';
import { generationsIn } from '../timeline/generations-in.ts';
import { readRun } from '../timeline/read-run.ts';
import { begins, claimedBy, fields, indexName, type NoteWrites, writesOf } from '../timeline/run-notes.ts';
import { startDuration } from '../timeline/start-duration.ts';
import type { MemoryProcess } from './memory-process.ts';
import type { MemoryStore } from './memory-store.ts';

export class MemoryTimelines implements Timelines {
  readonly #store: MemoryStore;
  readonly #process: MemoryProcess;

  constructor(store: MemoryStore, process: MemoryProcess) {
    this.#store = store;
    this.#process = process;
  }

  append(entries: readonly JournalEntry[]): Promise<void> {
    return this.#process.run(() => {
      for (const entry of entries) {
        this.#keepEntry(entry);
        this.#keepDuration(entry);
      }
      for (const note of generationsIn(entries)) this.#write(writesOf(note));
    });
  }

  read(instance: string, generation: number): Promise<{ entries: JournalEntry[]; keptBefore?: number }> {
    return this.#process.run(() => {
      const kept = this.#store.timelines.get(`${instance}:${generation}`) ?? new Map<number, JournalEntry>();
      const entries = inOrder(kept).map(([, entry]) => structuredClone(entry));
      return { entries, ...(entries.length < timelineLimit ? {} : { keptBefore: timelineHead }) };
    });
  }

  durations(services: readonly string[]): Promise<Map<string, number[]>> {
    return this.#process.run(
      () =>
        new Map(
          services.map((service) => {
            const starts = [...(this.#store.durations.get(service)?.values() ?? [])];
            return [service, starts.sort((a, b) => b.at - a.at).map(({ ms }) => ms)];
          }),
        ),
    );
  }

  note(notes: readonly RunNote[]): Promise<ReadonlySet<string>> {
    return this.#process.run(() => claimedBy(notes.filter((note) => this.#write(writesOf(note)))));
  }

  run(initialization: string): Promise<Run | undefined> {
    return this.#process.run(() => readRun(Object.fromEntries(this.#store.runs.get(initialization) ?? [])));
  }

  runs(by: RunsBy, limit: number): Promise<string[]> {
    return this.#process.run(() => {
      const found = inOrderOfTime(this.#store.runsBy.get(indexName(by)) ?? new Map<string, number>());
      return found.toReversed().slice(0, Math.max(1, limit));
    });
  }

  /** Whether its `firsts` are the first. */
  #write({ initialization, firsts, sets, adds, wait, found }: NoteWrites): boolean {
    const hash = this.#store.runs.getOrCreate(initialization, () => new Map());
    if (wait !== undefined) noteWait(hash, wait);
    const hasRoom = (field: string): boolean => hash.has(field) || hash.size < runFieldsLimit;
    const isFirst = firsts.every(([field, value]) => hasRoom(field) && (hash.get(field) ?? value) === value);
    for (const [field, value] of firsts) if (!hash.has(field) && hasRoom(field)) hash.set(field, value);
    for (const [field, value] of sets) if (hasRoom(field)) hash.set(field, value);
    for (const [field, value] of adds) hash.set(field, String(Number(hash.get(field) ?? 0) + Number(value)));
    this.#store.runs.expire(initialization, timelineKeptMs);
    for (const { by, at } of found) {
      const index = this.#store.runsBy.getOrCreate(by, () => new Map<string, number>());
      index.set(initialization, at);
      for (const oldest of inOrderOfTime(index).slice(0, Math.max(0, index.size - runsLimit))) index.delete(oldest);
      this.#store.runsBy.expire(by, timelineKeptMs);
    }
    return isFirst;
  }

  #keepEntry(entry: JournalEntry): void {
    const { instance, generation, revision } = entry.record;
    const key = `${instance}:${generation}`;
    const kept = this.#store.timelines.getOrCreate(key, () => new Map());
    kept.set(revision, structuredClone(entry));
    const dropped = kept.size > timelineLimit ? inOrder(kept)[timelineHead] : undefined;
    if (dropped !== undefined) kept.delete(dropped[0]);
    this.#store.timelines.expire(key, timelineKeptMs);
  }

  #keepDuration(entry: JournalEntry): void {
    const start = startDuration(entry);
    if (start === undefined) return;
    const { service, instance, generation } = entry.record;
    const kept = this.#store.durations.get(service) ?? new Map<string, { at: number; ms: number }>();
    this.#store.durations.set(
      service,
      kept.set(`${instance}:${generation}:${start.ms}`, { at: start.readyAt, ms: start.ms }),
    );
    if (kept.size <= durationsLimit) return;
    const [oldest] = [...kept].sort(([, a], [, b]) => a.at - b.at);
    if (oldest !== undefined) kept.delete(oldest[0]);
  }
}

/** By revision. */
function inOrder(kept: ReadonlyMap<number, JournalEntry>): [number, JournalEntry][] {
  return [...kept].sort(([a], [b]) => a - b);
}

function inOrderOfTime(index: ReadonlyMap<string, number>): string[] {
  return [...index].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)).map(([initialization]) => initialization);
}

/** As the script does: listed while there is room, else counted where it begins. */
function noteWait(hash: Map<string, string>, wait: [string, string]): void {
  const [field, value] = wait;
  const listed = Number(hash.get('waits') ?? 0);
  if (hash.has(field)) {
    if (!begins(wait)) hash.set(field, value);
  } else if (listed < waitsLimit) {
    hash.set(field, value).set('waits', String(listed + 1));
  } else if (begins(wait)) {
    hash.set(fields.unlisted, String(Number(hash.get(fields.unlisted) ?? 0) + 1));
  }
}
