import type { JournalEntry } from '@reveille/contracts';
import type { Timelines } from '@reveille/orchestration';
import { durationsLimit, timelineKeptMs, timelineLimit } from '../timeline/bounds.ts';
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
    });
  }

  read(instance: string, generation: number): Promise<JournalEntry[]> {
    return this.#process.run(() => {
      const kept = this.#store.timelines.get(`${instance}:${generation}`) ?? new Map<number, JournalEntry>();
      return [...kept].sort(([a], [b]) => a - b).map(([, entry]) => structuredClone(entry));
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

  #keepEntry(entry: JournalEntry): void {
    const { instance, generation, revision } = entry.record;
    const key = `${instance}:${generation}`;
    const kept = this.#store.timelines.getOrCreate(key, () => new Map());
    kept.set(revision, structuredClone(entry));
    if (kept.size > timelineLimit) kept.delete(Math.min(...kept.keys()));
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
