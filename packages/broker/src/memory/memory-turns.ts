import type { InstanceKey, StartJob } from '@reveille/contracts';
import { admit, enter, isSameStart, positionOf, release, withdraw } from '@reveille/orchestration';
import type { NextTurn, Turns } from '../turn/turns.ts';
import type { MemoryProcess } from './memory-process.ts';
import type { MemoryStore } from './memory-store.ts';

export class MemoryTurns implements Turns {
  readonly #store: MemoryStore;
  readonly #process: MemoryProcess;

  constructor(store: MemoryStore, process: MemoryProcess) {
    this.#store = store;
    this.#process = process;
  }

  enter(job: StartJob): Promise<void> {
    return this.#process.run(() => this.#enter(job));
  }

  next({ owner, ttlMs, limits, offer, done }: NextTurn): Promise<StartJob | undefined> {
    return this.#process.run(() => {
      const { line, clock } = this.#store;
      const floor = clock.now() - this.#process.availability.allowanceMs();
      line.limits = limits;
      if (done) this.#release(done, owner);
      line.admission = release(line.admission, ({ until }) => until <= floor);
      if (offer) this.#enter(offer);
      const { admission, admitted } = admit(line.admission, { owner, until: clock.now() + ttlMs, limits });
      line.admission = admission;
      return admitted && structuredClone(admitted);
    });
  }

  renew(jobs: readonly StartJob[], { owner, ttlMs }: { owner: string; ttlMs: number }): Promise<void> {
    return this.#process.run(() => {
      const { line, clock } = this.#store;
      const slots = line.admission.slots.map((slot) =>
        slot.owner === owner && jobs.some((job) => isSameStart(job, slot.job))
          ? { ...slot, until: clock.now() + ttlMs }
          : slot,
      );
      line.admission = { ...line.admission, slots };
    });
  }

  release(job: StartJob, { owner }: { owner: string }): Promise<void> {
    return this.#process.run(() => this.#release(job, owner));
  }

  withdraw(instance: InstanceKey, generation: number): Promise<void> {
    return this.#process.run(() => {
      const { line } = this.#store;
      line.admission = withdraw(line.admission, instance, generation);
    });
  }

  positions(instances: readonly InstanceKey[]): Promise<Map<InstanceKey, number>> {
    return this.#process.run(() => {
      const { admission, limits } = this.#store.line;
      return new Map(
        instances.flatMap((instance) => {
          const position = positionOf(admission, limits, instance);
          return position === undefined ? [] : [[instance, position] as const];
        }),
      );
    });
  }

  #enter(job: StartJob): void {
    const { line } = this.#store;
    line.admission = enter(line.admission, structuredClone(job), ++line.entered);
  }

  #release(job: StartJob, owner: string): void {
    const { line } = this.#store;
    line.admission = release(line.admission, (slot) => slot.owner === owner && isSameStart(slot.job, job));
  }
}
