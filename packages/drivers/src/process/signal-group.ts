import process from 'node:process';

/** Sends a signal to every process of a group. False when there is none. */
export function signalGroup(group: number, signal: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  if (group <= 1) throw new RangeError(`${group} is not the process group of a service`);
  try {
    return process.kill(-group, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return false;
    if (code === 'EPERM') return true; // It exists, and belongs to another user by now.
    throw error;
  }
}
