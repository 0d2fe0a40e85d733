import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { DriverError } from '@reveille/orchestration';

/**
 * The file that a command names: a path (relative to `cwd`) if it holds a slash, else the first executable file of that
 * name in the folders of `searchPath`, as execvp(3) would find it.
 * @throws DriverError `command_not_found`, naming the command and where it was looked for.
 */
export async function findCommand(command: string, where: { cwd: string; searchPath: string }): Promise<string> {
  if (command.includes('/')) {
    const file = path.resolve(where.cwd, command);
    const found = await inspect(file);
    if (found === 'executable') return file;
    throw notFound(command, found === 'absent' ? `there is no file ${file}` : `${file} ${found}`);
  }
  const folders = where.searchPath.split(path.delimiter).map((folder) => path.resolve(where.cwd, folder));
  let unfit: string | undefined;
  for (const folder of folders) {
    const file = path.join(folder, command);
    const found = await inspect(file);
    if (found === 'executable') return file;
    if (found !== 'absent') unfit ??= `${file} ${found}`;
  }
  throw notFound(command, unfit ?? `it is in none of the folders of PATH: ${folders.join(', ')}`);
}

async function inspect(file: string): Promise<'executable' | 'absent' | 'is not executable' | 'is no file'> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return 'absent';
  if (!found.isFile()) return 'is no file';
  const executable = await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
  return executable ? 'executable' : 'is not executable';
}

function notFound(command: string, why: string): DriverError {
  return new DriverError('command_not_found', `the command "${command}" cannot be run: ${why}`);
}
