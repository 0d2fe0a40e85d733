import { setTimeout as pause } from 'node:timers/promises';
import { createLogger } from '@reveille/telemetry';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/database/migrate.ts';
import type { OpenDatabase } from '../../src/database/opened.ts';
import { expireThreads } from '../../src/store/expire-threads.ts';
import { appendMessage } from '../../src/store/message-records.ts';
import { storeTable } from '../../src/store/table-records.ts';
import { findThread, openThread } from '../../src/store/thread-records.ts';
import { keepExpiring } from '../../src/store/upkeep.ts';
import { testDatabases } from '../support/databases.ts';

const owner = { tenant: 'acme', user: 'ann' };
const log = createLogger({ name: 'test', level: 'silent' });

describe.each(testDatabases())('threads that nobody uses, on $name', (database) => {
  let opened: OpenDatabase;
  beforeAll(async () => {
    opened = await database.open();
    await migrate(opened.db, () => undefined);
  }, 180_000);
  afterAll(() => opened[Symbol.asyncDispose](), 180_000);

  async function thread(session: string, daysAgo: number): Promise<void> {
    const { db } = opened;
    await openThread(db, owner, session);
    await appendMessage(db, owner, session, { id: 'm', role: 'user', text: 'x', data: null });
    await storeTable(db, owner, session, { name: 't.csv', type: 'text/csv', content: session });
    await sql`update threads set last_used_at = now() - make_interval(days => ${daysAgo}) where session = ${session}`.execute(
      db,
    );
  }
  const isThere = async (session: string): Promise<boolean> =>
    (await findThread(opened.db, owner, session)) !== undefined;

  it('are removed with all that is in them, the oldest first and only so many at once', async () => {
    await thread('oldest', 50);
    await thread('old', 40);
    await thread('recent', 29);
    expect(await expireThreads(opened.db, 30, 1)).toBe(1);
    expect([await isThere('oldest'), await isThere('old')]).toEqual([false, true]);
    expect(await expireThreads(opened.db, 30, 10)).toBe(1);
    expect(await expireThreads(opened.db, 30, 10)).toBe(0);
    expect(await isThere('recent')).toBe(true);
    const tables = await opened.db.selectFrom('uploaded_tables').select('content').execute();
    expect(tables).toEqual([{ content: 'recent' }]);
  });

  it('are in use again when they are opened, or when something is added to them', async () => {
    for (const use of [
      () => openThread(opened.db, owner, 'back'),
      () => appendMessage(opened.db, owner, 'back', { id: 'n', role: 'user', text: 'y', data: null }),
    ]) {
      await thread('back', 40);
      await use();
      expect(await expireThreads(opened.db, 30, 10)).toBe(0);
    }
  });

  it('are removed by the service itself, in as many steps as it takes', async () => {
    for (let index = 0; index < 25; index += 1) await thread(`gone-${index}`, 31);
    await using _upkeep = keepExpiring(opened, 30, log);
    const left = () => opened.db.selectFrom('threads').select('session').where('session', 'like', 'gone-%').execute();
    for (let looks = 0; looks < 100 && (await left()).length > 0; looks += 1) await pause(50);
    expect(await left()).toEqual([]);
  });
});
