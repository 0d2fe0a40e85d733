import { createHash } from 'node:crypto';
import process from 'node:process';
import { bindName } from './abstract-name.ts';

/** Held for as long as the run, by the process that started it. */
export type RunLock = AsyncDisposable;

/**
 * Says to the other initializers of this host that a run of this name was started here: undefined if one of them said so before.
 * With the lock in hand nobody who lives runs it, and there is no need to read through all processes of the host for it. (What
 * ran for an initializer that is dead is ended by the parent-death watch.) Also undefined where there are no such locks.
 *
 * @param prefix what the marks of the deployment on this host begin with
 */
export async function lockRun(prefix: string, name: string): Promise<RunLock | undefined> {
  if (process.platform !== 'linux') return undefined;
  // A name of the abstract namespace has at most 107 bytes.
  const digest = createHash('sha256').update(`${prefix}\0${name}`).digest('base64url');
  const lock = await bindName(`reveille-run-${digest}`);
  return lock === 'taken' ? undefined : lock;
}
