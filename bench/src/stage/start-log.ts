import { readFile } from 'node:fs/promises';
import { sleep } from '@reveille/lifecycle';

/** One start of a service as that service itself recorded it. Epoch milliseconds with fractions. */
export type RecordedStart = {
  readonly service: string;
  readonly instance: string;
  readonly generation: number;
  readonly pid: number;
  /** The time origin of the process: before any of its code ran. */
  readonly bornAt: number;
  /** When it was about to say that it is ready. */
  readonly readyAt: number;
};

/** The file into which the started services write when they are ready (`service/record-start.ts`). */
export class StartLog {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The latest start of each of these services. @throws Error when one of them recorded none */
  async latest(services: readonly string[]): Promise<RecordedStart[]> {
    const lines = (await readFile(this.#path, 'utf8')).split('\n').filter((line) => line !== '');
    const starts = lines.map((line) => JSON.parse(line) as RecordedStart);
    return services.map((service) => {
      const found = starts.findLast((start) => start.service === service);
      if (found === undefined) throw new Error(`${service} recorded no start of its own`);
      return found;
    });
  }

  /** The first start of this service that is recorded. */
  async first(service: string, signal: AbortSignal): Promise<RecordedStart> {
    for (;;) {
      const line = (await readFile(this.#path, 'utf8'))
        .split('\n')
        .find((each) => each.includes(`"service":"${service}"`));
      if (line?.endsWith('}')) return JSON.parse(line) as RecordedStart;
      await sleep(50, signal);
    }
  }

  /** Resolves when none of these processes is left. */
  async gone(starts: readonly RecordedStart[], signal: AbortSignal): Promise<void> {
    while (starts.some(({ pid }) => isAlive(pid))) await sleep(10, signal);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
