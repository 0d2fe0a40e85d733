import { setTimeout as pause } from 'node:timers/promises';

/** Wide on purpose: it ends a test that hangs. */
const patienceMs = 90_000;
const lookEveryMs = 50;

/** Looks until it is so. (`expect.poll` belongs to one test at a time, and rows run side by side.) @throws Error with `orElse` */
export async function eventually(
  isSo: () => boolean | Promise<boolean>,
  orElse: string | (() => string),
  boundMs = patienceMs,
): Promise<void> {
  const until = performance.now() + boundMs;
  while (!(await isSo())) {
    if (performance.now() > until) throw new Error(typeof orElse === 'string' ? orElse : orElse());
    await pause(lookEveryMs);
  }
}
