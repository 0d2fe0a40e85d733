import { fork } from 'node:child_process';
import { availableParallelism, constants, setPriority } from 'node:os';
import type { Result } from './simulate.ts';

export type Simulated = Result & { readonly seed: number };

const simulator = new URL('./simulator.ts', import.meta.url);
const standIns = new URL('./network/stand-ins.ts', import.meta.url);

/**
 * Simulates a cluster for each seed, as many at once as there are processes. These are of Node alone: what a test runner makes of each
 * import, and of `await using`, costs a cluster a fifth more time, and lets promises settle in another order than where the product runs.
 * @param onResult may say that it has seen enough
 */
export async function simulateAll(
  seeds: readonly number[],
  onResult: (result: Simulated) => 'enough' | undefined | void,
  processes = availableParallelism(),
): Promise<void> {
  const left = seeds.values();
  let isEnough = false;
  const next = (): number | undefined => (isEnough ? undefined : left.next().value);
  const heard = (result: Simulated): void => void (isEnough ||= onResult(result) === 'enough');
  await Promise.all(Array.from({ length: Math.min(processes, seeds.length) }, () => simulateIn(next, heard)));
}

/** In one process, one after the other. @throws Error when it ends before it has answered */
async function simulateIn(next: () => number | undefined, heard: (result: Simulated) => void): Promise<void> {
  const child = fork(simulator, { execArgv: ['--conditions=@reveille/source', '--import', standIns.href] });
  let seed = next();
  try {
    // Whatever measures time beside it comes first.
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    const ended = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        reject(
          new Error(`what simulated seed ${seed} ended (${signal ?? code}); its last words are on standard error`),
        );
      });
    });
    for (; seed !== undefined; seed = next()) {
      const answer = new Promise<Simulated>((resolve) => child.once('message', (result: Simulated) => resolve(result)));
      child.send(seed);
      heard(await Promise.race([answer, ended]));
    }
    ended.catch(() => undefined);
  } finally {
    child.kill('SIGKILL');
  }
}
