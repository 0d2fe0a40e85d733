import type { AuditEntry, Pause, PauseTarget } from '@reveille/contracts';
import { auditKept, type Operations } from '@reveille/orchestration';
import type { MemoryProcess } from './memory-process.ts';
import type { MemoryStore } from './memory-store.ts';

export class MemoryOperations implements Operations {
  readonly #store: MemoryStore;
  readonly #process: MemoryProcess;

  constructor(store: MemoryStore, process: MemoryProcess) {
    this.#store = store;
    this.#process = process;
  }

  pauses(): Promise<Pause[]> {
    return this.#process.run(() => structuredClone([...this.#store.pauses.values()]));
  }

  pause(pause: Pause): Promise<void> {
    return this.#process.run(() => void this.#store.pauses.set(fieldOf(pause.target), structuredClone(pause)));
  }

  resume(target: PauseTarget): Promise<boolean> {
    return this.#process.run(() => this.#store.pauses.delete(fieldOf(target)));
  }

  record(entry: AuditEntry): Promise<void> {
    return this.#process.run(() => {
      this.#store.audit.unshift(structuredClone(entry));
      this.#store.audit.length = Math.min(this.#store.audit.length, auditKept);
    });
  }

  audit(limit: number): Promise<AuditEntry[]> {
    return this.#process.run(() => structuredClone(this.#store.audit.slice(0, limit)));
  }
}

function fieldOf({ kind, name }: PauseTarget): string {
  return `${kind}:${name}`;
}
