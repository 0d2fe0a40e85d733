import { glob } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { defaultCatalog } from '../cli/default-catalog.ts';
import { CliRefusal } from '../cli/refusal.ts';
import { dataFolderName } from './data-folder.ts';
import { readRunFile, type RunFile, runFileName } from './run-file.ts';

/** Where a user says that a `dev` is, or nothing of it. */
export type DevPlace = { readonly catalog?: string | undefined; readonly data?: string | undefined };

/**
 * The `dev` that a command on this machine means: the one of the data folder or the catalog that are named, else the one that runs in
 * this folder or up to two below it.
 * @throws CliRefusal when there are several to choose from
 */
export async function findDev({ catalog, data }: DevPlace, cwd: string): Promise<RunFile | undefined> {
  if (data !== undefined) return readRunFile(resolve(cwd, data));
  if (catalog !== undefined) return readRunFile(resolve(cwd, dirname(catalog), dataFolderName));
  const found: RunFile[] = [];
  const pattern = `{,*/,*/*/}${dataFolderName}/${runFileName}`;
  for await (const path of glob(pattern, { cwd, exclude: (name) => name === 'node_modules' })) {
    const run = await readRunFile(dirname(join(cwd, path)));
    if (run !== undefined) found.push(run);
  }
  if (found.length <= 1) return found[0];
  throw new CliRefusal(
    `more than one \`reveille dev\` runs below this folder; say which one with --catalog:\n${found.map((run) => run.catalog).join('\n')}`,
  );
}

/** The catalog that a command means: the one that is named, that of the running `dev`, else the one of this folder. @throws as `findDev` */
export async function findCatalog(place: DevPlace, cwd: string): Promise<string> {
  return place.catalog ?? (await findDev(place, cwd))?.catalog ?? defaultCatalog;
}
