import type { MemoryClock } from './memory-clock.ts';

/** Values that vanish at a time, as Redis keys do. */
export class ExpiringMap<V> {
  readonly #clock: MemoryClock;
  readonly #values = new Map<string, { value: V; expiresAt: number }>();

  constructor(clock: MemoryClock) {
    this.#clock = clock;
  }

  get(key: string): V | undefined {
    const held = this.#values.get(key);
    if (held === undefined) return undefined;
    if (held.expiresAt > this.#clock.now()) return held.value;
    this.#values.delete(key);
    return undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** A new value that does not expire, or the present one. */
  getOrCreate(key: string, create: () => V): V {
    const present = this.get(key);
    if (present !== undefined) return present;
    const value = create();
    this.#values.set(key, { value, expiresAt: Number.POSITIVE_INFINITY });
    return value;
  }

  expire(key: string, ms: number): void {
    const held = this.#values.get(key);
    if (held !== undefined) held.expiresAt = this.#clock.now() + ms;
  }

  persist(key: string): void {
    this.expire(key, Number.POSITIVE_INFINITY);
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  clear(): void {
    this.#values.clear();
  }

  /** What is in it now; call it to have that again, and nothing else. */
  copy(): () => void {
    const held = structuredClone(this.#values);
    return () => {
      this.#values.clear();
      for (const [key, one] of held) this.#values.set(key, one);
    };
  }

  keys(): string[] {
    return [...this.#values.keys()].filter((key) => this.has(key));
  }
}
