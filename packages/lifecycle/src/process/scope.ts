import { withDeadline } from '../wait/deadline.ts';

/** What a scope can hold: anything with a disposal. */
export type Disposal = AsyncDisposable | Disposable;

/** Something was added to a scope that had been disposed; it is disposed at once. */
export class ScopeDisposed extends Error {
  constructor() {
    super('the scope is disposed already: what was added to it is disposed at once');
    this.name = 'ScopeDisposed';
  }
}

/** Deadline for each disposal when a scope is not told another, in milliseconds. */
export const DEFAULT_DISPOSE_MS = 5_000;

/** One that hangs may use this share of the time that is left, so that some remains for those after it. */
const SHARE_WHILE_OTHERS_WAIT = 0.8;

export interface ScopeOptions {
  /** Deadline for each single disposal, in milliseconds. */
  readonly disposeMs?: number;
}

/**
 * Holds what was started and disposes it in reverse order, one after the other. Each disposal is raced against a deadline,
 * and one that fails or hangs does not keep the others from their turn. Disposing twice is disposing once.
 */
export class Scope implements AsyncDisposable {
  readonly #disposeMs: number;
  readonly #held: { readonly label: string; readonly dispose: () => unknown }[] = [];
  readonly #late: Promise<void>[] = [];
  #disposal: Promise<void> | undefined;

  constructor(options: ScopeOptions = {}) {
    this.#disposeMs = options.disposeMs ?? DEFAULT_DISPOSE_MS;
  }

  get disposed(): boolean {
    return this.#disposal !== undefined;
  }

  /**
   * Adds what was started and returns it. `label` names it in errors.
   * @throws ScopeDisposed when the scope is disposed already (the resource is then disposed at once, not leaked).
   */
  use<T extends Disposal>(resource: T, label: string = resource.constructor.name): T {
    this.defer(() => disposeOf(resource), label);
    return resource;
  }

  /** Adds a function to be called at disposal. @throws ScopeDisposed as `use` does. */
  defer(dispose: () => unknown, label = 'deferred'): void {
    if (this.#disposal !== undefined) {
      const late = this.#run({ label, dispose }, this.#disposeMs);
      late.catch(() => undefined);
      this.#late.push(late);
      throw new ScopeDisposed();
    }
    this.#held.push({ label, dispose });
  }

  /**
   * Disposes everything held, latest first. `totalMs` bounds all of it together: what has its turn after that is still
   * asked to dispose, but not waited for.
   * @throws AggregateError of all errors and exceeded deadlines, after every disposal had its turn.
   */
  dispose(options: { readonly totalMs?: number } = {}): Promise<void> {
    this.#disposal ??= this.#disposeAll(options.totalMs ?? Number.POSITIVE_INFINITY);
    return this.#disposal;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #disposeAll(totalMs: number): Promise<void> {
    const endsAt = performance.now() + totalMs;
    const errors: unknown[] = [];
    for (let item = this.#held.pop(); item !== undefined; item = this.#held.pop()) {
      const leftMs = Math.max(0, endsAt - performance.now()) * (this.#held.length > 0 ? SHARE_WHILE_OTHERS_WAIT : 1);
      await this.#run(item, Math.min(this.#disposeMs, leftMs)).catch((error: unknown) => errors.push(error));
    }
    for (const late of this.#late) await late.catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of the disposals failed`);
  }

  async #run(item: { readonly label: string; readonly dispose: () => unknown }, ms: number): Promise<void> {
    const work = (async () => item.dispose())();
    await withDeadline(work, ms, { reason: `stopping ${item.label}` });
  }
}

function disposeOf(resource: Disposal): unknown {
  return Symbol.asyncDispose in resource ? resource[Symbol.asyncDispose]() : resource[Symbol.dispose]();
}
