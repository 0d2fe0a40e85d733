import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import { claimDirectory } from './claim-directory.ts';
import { DatabaseFailure } from './database-failure.ts';
import type { OpenDatabase } from './opened.ts';
import type { Database } from './tables.ts';

/**
 * Opens, or creates, the embedded PostgreSQL in a directory of its own. One process at a time. Until the first creation is complete a file
 * `creating` stands beside it: what a process killed in the middle leaves behind holds nothing and is made anew.
 *
 * @throws DatabaseFailure `locked`, `unusable_directory` or `corrupt`
 */
export async function openEmbedded(dataDir: string, onDetail: (detail: string) => void): Promise<OpenDatabase> {
  const directory = resolve(dataDir);
  const files = join(directory, 'pglite');
  const creating = join(directory, 'creating');
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw new DatabaseFailure(
      'unusable_directory',
      `The directory ${directory} for the thread database cannot be made (${reasonOf(error)}): set THREAD_DATA_DIR to a writable one.`,
      { cause: error },
    );
  });
  const claim = await claimDirectory(directory);
  try {
    if (await exists(creating)) await rm(files, { recursive: true, force: true });
    const isNew = !(await exists(files));
    if (isNew) {
      onDetail('creating the embedded database');
      await writeFile(creating, 'The database beside this file is being created and holds nothing yet.\n');
    } else onDetail('opening the embedded database');
    const pglite = await openFiles(files);
    if (isNew) await rm(creating, { force: true });
    const db = new Kysely<Database>({ dialect: new PGliteDialect({ pglite }) });
    return {
      db,
      kind: 'embedded',
      async [Symbol.asyncDispose]() {
        // Before the first query Kysely does not know the database yet and would leave it open.
        await db.destroy();
        if (!pglite.closed) await pglite.close();
        await claim[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await claim[Symbol.asyncDispose]();
    throw error;
  }
}

async function openFiles(files: string): Promise<PGlite> {
  try {
    return await PGlite.create(files);
  } catch (error) {
    throw new DatabaseFailure(
      'corrupt',
      `The thread database in ${files} cannot be opened (${reasonOf(error)}); its files may be damaged. ` +
        'Put back a copy, or move the directory away to start with an empty database.',
      { cause: error },
    );
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
