import { sleep } from '@reveille/lifecycle';
import type { Random } from './random.ts';

/** Share of the ways through the network that take their time, and how long at most, milliseconds. */
const slow = { share: 0.3, ms: 60 } as const;

/** What keeps a simulated process from acting: it is frozen for a while, or gone for good. */
export class SimProcess {
  readonly id: string;
  crashed = false;
  /** Of the catalog, as it has read it. */
  version = 0;
  /** What happens to it on its way: between two commits, or between a commit and its answer. */
  mishap: (() => void) | undefined;
  readonly #random: Random;
  readonly #mishapShare: number;
  /** When it went on, epoch milliseconds. */
  thawedAt = 0;
  #thaw: PromiseWithResolvers<void> | undefined;

  constructor(id: string, random: Random, mishapShare = 1 / 200) {
    this.id = id;
    this.#random = random;
    this.#mishapShare = mishapShare;
  }

  get frozen(): boolean {
    return this.#thaw !== undefined;
  }

  /** Resolves when it goes on: at once, unless it is frozen. */
  get thawed(): Promise<void> {
    return this.#thaw?.promise ?? Promise.resolve();
  }

  freeze(): void {
    this.#thaw ??= Promise.withResolvers();
  }

  thaw(): void {
    if (this.frozen) this.thawedAt = Date.now();
    this.#thaw?.resolve();
    this.#thaw = undefined;
  }

  crash(): void {
    this.crashed = true;
    this.thaw();
  }

  /** Every way out of the process, and every answer on its way in. Of one that is gone nothing is heard again. */
  async pass(): Promise<void> {
    if (!this.crashed && this.#random.chance(slow.share)) await sleep(this.#random.between(1, slow.ms));
    if (this.mishap && this.#random.chance(this.#mishapShare)) this.mishap();
    await this.#thaw?.promise;
    if (this.crashed) await new Promise(() => undefined);
  }

  /** What comes to it by itself: heard when it is not frozen, and never once it is gone. */
  hear(what: () => void): void {
    if (this.frozen) void this.thawed.then(() => this.hear(what));
    else if (!this.crashed) what();
  }

  /** The same object whose asynchronous methods pass. */
  through<T extends object>(target: T, methods: readonly (keyof T)[]): T {
    const passing = Object.create(target) as T;
    for (const name of methods) {
      const call = target[name] as (...args: unknown[]) => Promise<unknown>;
      Object.defineProperty(passing, name, {
        value: async (...args: unknown[]) => {
          await this.pass();
          try {
            return await call.apply(target, args);
          } finally {
            await this.pass();
          }
        },
      });
    }
    return passing;
  }
}
