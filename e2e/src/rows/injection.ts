import type { FaultWorld } from '../world/fault-world.ts';

/** What a row did to its world, and what came of it. */
export class Injection {
  readonly #world: FaultWorld;
  /** How often a fault was put in. */
  injected = 0;
  /** From fault to recovery, milliseconds. */
  readonly recoveriesMs: number[] = [];
  saw = '';
  #since: number | undefined;

  constructor(world: FaultWorld) {
    this.#world = world;
  }

  /** Puts a fault in; the clock of the recovery runs from here. */
  async inject(name: string, act: () => unknown): Promise<void> {
    this.#world.history.note({ did: 'fault', name });
    this.injected += 1;
    this.#since = performance.now();
    await act();
  }

  /** All is well again for the user. */
  recovered(): number {
    const tookMs = performance.now() - (this.#since ?? Number.NaN);
    this.recoveriesMs.push(Math.round(tookMs));
    return tookMs;
  }

  /** What the user saw meanwhile, for the table. */
  userSaw(what: string): void {
    this.saw = what;
  }
}
