import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openServer } from '../../src/database/open-server.ts';
import { readSettings } from '../../src/settings.ts';

describe('a PostgreSQL server', () => {
  it('that does not answer is told with its address and without the password', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const failure = await openServer(
      new URL(`postgres://ann:hunter2@127.0.0.1:${port}/threads`),
      () => undefined,
      () => undefined,
    ).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining(`127.0.0.1:${port}/threads`),
    });
    expect(String(failure)).not.toContain('hunter2');
  });
});

describe('settings', () => {
  it('choose the embedded database when no server is named', () => {
    expect(readSettings({ DATABASE_URL: '' })).toEqual({
      settings: { database: { dataDir: '.reveille/threads' }, expiryDays: 30 },
    });
    expect(readSettings({ THREAD_EXPIRY_DAYS: '7' })).toMatchObject({ settings: { expiryDays: 7 } });
    expect(readSettings({ THREAD_EXPIRY_DAYS: '0' })).toMatchObject({
      faults: expect.stringContaining('THREAD_EXPIRY_DAYS'),
    });
  });

  it('take the address of a server', () => {
    expect(readSettings({ DATABASE_URL: 'postgresql://a@db/threads' })).toMatchObject({
      settings: { database: { url: new URL('postgresql://a@db/threads') } },
    });
  });

  it('are refused when the address is none', () => {
    expect(readSettings({ DATABASE_URL: 'localhost:5432' })).toMatchObject({
      faults: expect.stringContaining('DATABASE_URL'),
    });
  });
});
