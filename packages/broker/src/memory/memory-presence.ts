import type { Connections, Member, Members } from '@reveille/orchestration';
import type { MemoryProcess } from './memory-process.ts';
import type { MemoryStore } from './memory-store.ts';

type Place = { entrypoint: string; user: string; connection: string };

export class MemoryConnections implements Connections {
  readonly #store: MemoryStore;
  readonly #process: MemoryProcess;

  constructor(store: MemoryStore, process: MemoryProcess) {
    this.#store = store;
    this.#process = process;
  }

  acquire(of: Place & { limit: number; ttlMs: number }): ReturnType<Connections['acquire']> {
    return this.#process.run(() => {
      const places = this.#places(of);
      for (const [connection, until] of places) if (until <= this.#store.clock.now()) places.delete(connection);
      places.delete(of.connection);
      if (places.size >= of.limit) return { acquired: false as const, held: places.size };
      places.set(of.connection, this.#store.clock.now() + of.ttlMs);
      return { acquired: true as const };
    });
  }

  renew(of: readonly Place[], ttlMs: number): Promise<void> {
    return this.#process.run(() => {
      for (const place of of) this.#places(place).set(place.connection, this.#store.clock.now() + ttlMs);
    });
  }

  release(of: Place): Promise<void> {
    return this.#process.run(() => void this.#places(of).delete(of.connection));
  }

  #places({ entrypoint, user }: Place): Map<string, number> {
    return this.#store.places.getOrCreate(`${entrypoint}:${user}`, () => new Map());
  }
}

export class MemoryMembers implements Members {
  readonly #store: MemoryStore;
  readonly #process: MemoryProcess;

  constructor(store: MemoryStore, process: MemoryProcess) {
    this.#store = store;
    this.#process = process;
  }

  announce(member: Member, ttlMs: number): Promise<void> {
    return this.#process.run(() => {
      this.#store.members.set(member.id, { member: { ...member }, until: this.#store.clock.now() + ttlMs });
    });
  }

  leave(member: Member): Promise<void> {
    return this.#process.run(() => void this.#store.members.delete(member.id));
  }

  alive(): Promise<Member[]> {
    return this.#process.run(() =>
      [...this.#store.members.values()].flatMap(({ member, until }) =>
        until > this.#store.clock.now() ? [{ ...member }] : [],
      ),
    );
  }
}
