/** `true`: ready. `false` or a text: not ready, the text says why. */
export type HealthCheck = () => boolean | string;

/** What is not ready, and why. */
export interface FailingCheck {
  readonly name: string;
  readonly reason: string;
}

export interface HealthReport {
  readonly status: 'ready' | 'unready' | 'draining';
  readonly failing: readonly FailingCheck[];
}

/** Whether a process may be sent work: the named checks of its parts, and whether it is draining. */
export class Health {
  readonly #checks = new Map<string, HealthCheck>();
  #draining = false;

  /**
   * Adds a check. It is called on each probe, so it must be cheap and answer from what is known; a check that throws is
   * failing. Disposing the result removes it.
   * @throws Error when the name is taken.
   */
  add(name: string, check: HealthCheck): Disposable {
    if (this.#checks.has(name)) throw new Error(`a health check named "${name}" exists already`);
    this.#checks.set(name, check);
    return {
      [Symbol.dispose]: () => {
        if (this.#checks.get(name) === check) this.#checks.delete(name);
      },
    };
  }

  /** From now on the process is not ready, for good. */
  drain(): void {
    this.#draining = true;
  }

  get draining(): boolean {
    return this.#draining;
  }

  report(): HealthReport {
    const failing: FailingCheck[] = [];
    for (const [name, check] of this.#checks) {
      const reason = reasonOf(check);
      if (reason !== undefined) failing.push({ name, reason });
    }
    const status = this.#draining ? 'draining' : failing.length > 0 ? 'unready' : 'ready';
    return { status, failing };
  }
}

function reasonOf(check: HealthCheck): string | undefined {
  try {
    const result = check();
    return result === true ? undefined : result === false ? 'not ready' : result;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
