import { Availability } from './availability.ts';

/** What is known of the Redis that holds a key. The primaries of a cluster fail one by one, so that each slot of ours is judged on its own. */
export class Parts {
  readonly #isDivided: boolean;
  readonly #parts = new Map<string, Availability>();

  constructor(isDivided: boolean) {
    this.#isDivided = isDivided;
  }

  /** Without a key: what is not partitioned (queues, routing, members). */
  of(key = ''): Availability {
    const name = this.#isDivided ? (/^\{[^}]*:(p\d+)\}/.exec(key)?.[1] ?? '') : '';
    let part = this.#parts.get(name);
    if (part === undefined) this.#parts.set(name, (part = new Availability()));
    return part;
  }

  /** Why not all of Redis serves us, in words. */
  unavailable(): string | undefined {
    for (const part of this.#parts.values()) {
      const words = part.unavailable();
      if (words !== undefined) return words;
    }
    return undefined;
  }
}
