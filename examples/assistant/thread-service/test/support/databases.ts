import { openDatabase } from '../../src/database/open-database.ts';
import type { OpenDatabase } from '../../src/database/opened.ts';
import { findPostgres, startPostgres } from './postgres-server.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export interface TestDatabase {
  name: string;
  open(): Promise<OpenDatabase>;
}

function ignore(): void {
  // Tests that are not about progress or lost connections do not listen to them.
}

const embedded: TestDatabase = {
  name: 'embedded PGlite',
  async open() {
    const directory = await temporaryDirectory();
    const opened = await openDatabase({ dataDir: directory.path }, ignore, ignore);
    return {
      ...opened,
      async [Symbol.asyncDispose]() {
        await opened[Symbol.asyncDispose]();
        await directory[Symbol.asyncDispose]();
      },
    };
  },
};

/** The databases that every query must work on: the embedded one always, a server wherever its programs are installed. */
export function testDatabases(): TestDatabase[] {
  const binaries = findPostgres();
  if (binaries === undefined) {
    console.warn('PostgreSQL is not installed here: these tests run on the embedded database only.');
    return [embedded];
  }
  const server: TestDatabase = {
    name: 'PostgreSQL server',
    async open() {
      const postgres = await startPostgres(binaries);
      const opened = await openDatabase({ url: postgres.url, dataDir: '' }, ignore, ignore);
      return {
        ...opened,
        async [Symbol.asyncDispose]() {
          await opened[Symbol.asyncDispose]();
          await postgres[Symbol.asyncDispose]();
        },
      };
    },
  };
  return [embedded, server];
}
