import { interval } from '@reveille/lifecycle';
import type { Operations } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';

/** An entrypoint is closed, or open again, on each edge within this time (ms). */
const everyMs = 1_000;

/** Which entrypoints an operator has paused. While Redis is away what was known last holds. */
export class EntrypointPauses implements AsyncDisposable {
  readonly #operations: Operations;
  readonly #reading: AsyncDisposable;
  #paused: ReadonlySet<string> = new Set();

  constructor(operations: Operations, logger: Logger) {
    this.#operations = operations;
    this.#reading = interval(everyMs, () => this.read(), {
      onError: (error) => logger.debug({ err: error }, 'pauses could not be read; those known last hold'),
    });
  }

  has(entrypoint: string): boolean {
    return this.#paused.has(entrypoint);
  }

  async read(): Promise<void> {
    const pauses = await this.#operations.pauses();
    this.#paused = new Set(pauses.flatMap(({ target }) => (target.kind === 'entrypoint' ? [target.name] : [])));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reading[Symbol.asyncDispose]();
  }
}
