import type { InstanceKey } from '@reveille/contracts';

/** Looks that are due at a known later time, one per instance; the sweep looks too, should this process not live so long. */
export class LaterLooks<Hint> implements Disposable {
  readonly #look: (instance: InstanceKey, hint: Hint) => void;
  readonly #timers = new Map<InstanceKey, NodeJS.Timeout>();
  #disposed = false;

  constructor(look: (instance: InstanceKey, hint: Hint) => void) {
    this.#look = look;
  }

  /** Replaces an earlier appointment of the instance. */
  in(ms: number, instance: InstanceKey, hint: Hint): void {
    if (this.#disposed) return;
    clearTimeout(this.#timers.get(instance));
    const timer = setTimeout(() => {
      this.#timers.delete(instance);
      this.#look(instance, hint);
    }, ms);
    timer.unref();
    this.#timers.set(instance, timer);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
