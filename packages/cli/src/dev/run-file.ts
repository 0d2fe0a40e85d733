import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running `dev` tells other commands on this machine, in `.reveille/dev.json`. */
export type RunFile = {
  /** Of the `dev`. */
  pid: number;
  /** Its catalog, as an absolute path. */
  catalog: string;
  /** Address of its edge. */
  url: string;
  /** Its admin API, and the token of this run: the file is for its owner alone. */
  adminUrl?: string;
  adminToken?: string;
  /** Absent when it has credentials in it, which do not belong in a file. */
  redisUrl?: string;
  /** Of the Redis server that this `dev` has started. */
  redisPid?: number;
  namespace: string;
};

export const runFileName = 'dev.json';

/** Writes it whole or not at all. */
export async function writeRunFile(folder: string, run: RunFile): Promise<void> {
  const path = join(folder, runFileName);
  await writeFile(`${path}.new`, `${JSON.stringify(run, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export async function removeRunFile(folder: string): Promise<void> {
  await rm(join(folder, runFileName), { force: true });
}

/** Undefined when there is none: no `dev` runs, or none has run to here. */
export async function readRunFile(folder: string): Promise<RunFile | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, runFileName), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const run: unknown = JSON.parse(text);
  return isRunFile(run) ? run : undefined;
}

function isRunFile(value: unknown): value is RunFile {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, catalog, url, namespace } = value as Partial<RunFile>;
  return [catalog, url, namespace].every((text) => typeof text === 'string') && typeof pid === 'number';
}
