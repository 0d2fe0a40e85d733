import type { Crowd } from './crowd.ts';
import { processorMs } from './process-cost.ts';

/** Changes that make one sample: its processor time is that of all of them, its latency that of the slowest. */
export const changes = 10;
/** A report is written at most so often (`initializer/start/progress-writer`). */
const apartMs = 150;

/** Has one side told, and says what that cost. */
export class Teller {
  /** Of each sample, the slowest change (ms). */
  readonly slowest: number[] = [];
  readonly #crowd: Crowd;
  readonly #server: number;
  readonly #source: number;
  readonly #signal: AbortSignal;
  #step = 0;

  /** @param server whose processor time counts @param source who says something at each SIGUSR2 */
  constructor(crowd: Crowd, server: number, source: number, signal: AbortSignal) {
    this.#crowd = crowd;
    this.#server = server;
    this.#source = source;
    this.#signal = signal;
  }

  tell(): Promise<{ ms: number; bytes: number }> {
    this.#signal.throwIfAborted();
    return this.#crowd.told(`step ${(this.#step += 1)}`, () => process.kill(this.#source, 'SIGUSR2'));
  }

  /**
   * Microseconds of the server's processor time per frame, beyond what it spends at rest: sessions have heartbeats and leases, whether
   * anything is said or not.
   */
  async sample(size: number): Promise<number> {
    let spent = 0;
    let slowest = 0;
    for (let change = 0; change < changes; change += 1) {
      const [restedAt, rested] = [performance.now(), processorMs(this.#server)];
      await new Promise((resolve) => setTimeout(resolve, apartMs));
      const [beganAt, before] = [performance.now(), processorMs(this.#server)];
      const { ms } = await this.tell();
      const atRest = ((before - rested) / (beganAt - restedAt)) * (performance.now() - beganAt);
      spent += processorMs(this.#server) - before - atRest;
      slowest = Math.max(slowest, ms);
    }
    this.slowest.push(slowest);
    return (spent * 1000) / (changes * size);
  }
}
