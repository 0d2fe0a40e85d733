import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliRefusal } from '../cli/refusal.ts';
import { lockData } from './data-lock.ts';
import { readRunFile } from './run-file.ts';

/** The folder beside the catalog that a `dev` keeps its data in. */
export const dataFolderName = '.reveille';

export interface DataFolder extends Disposable {
  readonly path: string;
}

/**
 * Makes the folder when it is not there, and takes it for this process.
 * @throws CliRefusal when it cannot be made, or another `dev` has it
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const lock = await take(path);
  if (lock !== undefined) return { path, [Symbol.dispose]: () => lock[Symbol.dispose]() };
  const other = await readRunFile(path);
  throw new CliRefusal(
    [
      `another \`reveille dev\` is using ${path}${other === undefined ? '' : ` (process ${other.pid}, ${other.url})`}.`,
      'Stop it first (Ctrl-C in its terminal), or give this one a folder of its own: --data DIR',
    ].join('\n'),
  );
}

async function take(path: string): Promise<Disposable | undefined> {
  try {
    await mkdir(path, { recursive: true });
    // What is in here belongs to this machine, whatever the project around it.
    await writeFile(join(path, '.gitignore'), '*\n');
    return lockData(join(path, 'dev.lock'));
  } catch (error) {
    throw new CliRefusal(`the data folder cannot be used: ${(error as Error).message}`, undefined, { cause: error });
  }
}
