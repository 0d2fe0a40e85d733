import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimDirectory } from '../../src/database/claim-directory.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openEmbedded } from '../../src/database/open-embedded.ts';
import { appendMessage, listMessages } from '../../src/store/message-records.ts';
import { openThread } from '../../src/store/thread-records.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

const CREATE_TIMEOUT_MS = 180_000;
const owner = { tenant: 'acme', user: 'ann' };
let directory: TemporaryDirectory;

beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterAll(() => directory[Symbol.asyncDispose]());

describe('the embedded database', () => {
  it(
    'makes anew what a process killed during the creation left behind, and keeps everything over a restart',
    { timeout: CREATE_TIMEOUT_MS },
    async () => {
      await mkdir(join(directory.path, 'pglite'));
      await writeFile(join(directory.path, 'pglite', 'PG_VERSION'), '18\n');
      await writeFile(join(directory.path, 'creating'), '');
      const applied: string[] = [];
      const details: string[] = [];
      {
        await using first = await openEmbedded(directory.path, (detail) => void details.push(detail));
        await migrate(first.db, (name) => void applied.push(name));
        await openThread(first.db, owner, 's');
        await appendMessage(first.db, owner, 's', { id: 'm', role: 'user', text: 'remember me', data: { deep: true } });
      }
      await using second = await openEmbedded(directory.path, (detail) => void details.push(detail));
      await migrate(second.db, (name) => void applied.push(name));
      expect(await listMessages(second.db, owner, 's', { limit: 10 })).toMatchObject([
        { id: 'm', text: 'remember me', data: { deep: true } },
      ]);
      expect(applied).toEqual(['0001_threads', '0002_messages', '0003_uploaded_tables', '0004_last_used']);
      expect(details).toEqual(['creating the embedded database', 'opening the embedded database']);
    },
  );

  it('refuses a directory that cannot be made, and one with a path too long', async () => {
    await writeFile(join(directory.path, 'file'), '');
    await expect(openEmbedded(join(directory.path, 'file', 'threads'), () => undefined)).rejects.toMatchObject({
      code: 'unusable_directory',
    });
    await expect(openEmbedded(join(directory.path, 'x'.repeat(120)), () => undefined)).rejects.toMatchObject({
      code: 'unusable_directory',
    });
  });

  it('says so when its files are damaged, and lets the directory go', async () => {
    await using damaged = await temporaryDirectory();
    await mkdir(join(damaged.path, 'pglite'));
    await writeFile(join(damaged.path, 'pglite', 'PG_VERSION'), '18\n');
    await expect(openEmbedded(damaged.path, () => undefined)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('move the directory away'),
    });
    await using claim = await claimDirectory(damaged.path);
    expect(claim).toBeDefined();
  });
});

describe('the claim on a directory', () => {
  it('is refused while another holds it, and free afterwards', async () => {
    await using place = await temporaryDirectory();
    {
      await using first = await claimDirectory(place.path);
      expect(first).toBeDefined();
      await expect(claimDirectory(place.path)).rejects.toMatchObject({
        code: 'locked',
        message: expect.stringContaining('another process'),
      });
    }
    await using second = await claimDirectory(place.path);
    expect(second).toBeDefined();
  });

  it('is not held back by what an owner that is gone left behind', async () => {
    await using place = await temporaryDirectory();
    await writeFile(join(place.path, 'owner.sock'), '');
    await using claim = await claimDirectory(place.path);
    expect(claim).toBeDefined();
  });

  it('is not disturbed by callers that leave at once', async () => {
    await using place = await temporaryDirectory();
    const other = createServer().listen(join(place.path, 'other.sock'));
    await once(other, 'listening');
    other.close();
    await using claim = await claimDirectory(place.path);
    await expect(claimDirectory(place.path)).rejects.toMatchObject({ code: 'locked' });
    expect(claim).toBeDefined();
  });
});
