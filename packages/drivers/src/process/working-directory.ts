import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { DriverError } from '@reveille/orchestration';

/** @throws DriverError `spawn_failed` in words: the operating system would only say ENOENT, as for a missing command. */
export async function checkWorkingDirectory(cwd: string): Promise<void> {
  const refuse = (why: string, cause?: unknown): DriverError =>
    new DriverError('spawn_failed', `the working directory ${cwd} ${why}`, { cause });
  const found = await stat(cwd).catch((error: NodeJS.ErrnoException) => {
    throw refuse(error.code === 'ENOENT' ? 'does not exist' : `cannot be looked at (${error.code})`, error);
  });
  if (!found.isDirectory()) throw refuse('is not a folder');
  await access(cwd, constants.X_OK).catch((error: unknown) => {
    throw refuse('may not be entered', error);
  });
}
