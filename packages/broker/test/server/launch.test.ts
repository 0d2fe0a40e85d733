import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../src/server/free-port.ts';
import { launchRedis, type LocalRedis } from '../../src/server/index.ts';

vi.mock('../../src/server/free-port.ts', { spy: true });

const started: AsyncDisposable[] = [];

afterEach(async () => {
  vi.mocked(freePort).mockReset();
  for (const resource of started.splice(0).toReversed()) await resource[Symbol.asyncDispose]();
});

async function launch(options?: Parameters<typeof launchRedis>[0]): Promise<LocalRedis> {
  const server = await launchRedis(options);
  started.push(server);
  return server;
}

async function ask<T>(url: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}

const configOf = (url: string, name: string) =>
  ask(url, async (redis) => ((await redis.config('GET', name)) as [string, string])[1]);

describe('launching a Redis server', () => {
  it('serves on the loopback address alone, and never evicts', async () => {
    const server = await launch();
    expect(server.url).toBe(`redis://127.0.0.1:${server.port}`);
    expect(await configOf(server.url, 'bind')).toBe('127.0.0.1');
    expect(await configOf(server.url, 'maxmemory-policy')).toBe('noeviction');
    const info = await ask(server.url, (redis) => redis.info('server'));
    expect(info).toContain(`process_id:${server.pid}\r`);
  });

  it('ends when disposed, and takes its temporary folder along', async () => {
    const server = await launchRedis();
    const dir = await configOf(server.url, 'dir');
    expect(existsSync(dir)).toBe(true);
    await server[Symbol.asyncDispose]();
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(existsSync(dir)).toBe(false);
  });

  it('says how it ended when someone else ends it', async () => {
    const server = await launch();
    process.kill(server.pid, 'SIGKILL');
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('keeps what was written when told to persist', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'reveille-persist-'));
    started.push({ [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) });
    const first = await launchRedis({ dir, persist: true });
    await ask(first.url, (redis) => redis.set('kept', 'yes'));
    await first[Symbol.asyncDispose]();
    const second = await launch({ dir, persist: true });
    expect(await ask(second.url, (redis) => redis.get('kept'))).toBe('yes');
  });

  it('refuses to persist into a folder that would be removed', async () => {
    await expect(launchRedis({ persist: true })).rejects.toThrow('`persist` needs a `dir`');
  });

  it('hands on further arguments, which win', async () => {
    const server = await launch({ args: ['--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru'] });
    expect(await configOf(server.url, 'maxmemory')).toBe(String(64 * 1024 * 1024));
    expect(await configOf(server.url, 'maxmemory-policy')).toBe('allkeys-lru');
  });

  it('takes another free port when somebody was faster', async () => {
    const stranger = await launch();
    vi.mocked(freePort).mockResolvedValueOnce(stranger.port).mockResolvedValueOnce(stranger.port);
    const server = await launch();
    expect(server.port).not.toBe(stranger.port);
    expect(freePort).toHaveBeenCalledTimes(4);
  });

  it('says that the port it was given is taken', async () => {
    const stranger = await launch();
    await expect(launchRedis({ port: stranger.port })).rejects.toThrow(`port ${stranger.port} on 127.0.0.1 is taken`);
  });

  it('shows the last words of a server that does not start', async () => {
    await expect(launchRedis({ args: ['--no-such-setting', 'yes'] })).rejects.toThrow(/exit 1[^]*no-such-setting/);
  });

  it('gives up when told to', async () => {
    await expect(launchRedis({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    const starting = new AbortController();
    vi.mocked(freePort).mockImplementationOnce(async () => {
      queueMicrotask(() => queueMicrotask(() => starting.abort(new Error('enough now'))));
      return 0;
    });
    await expect(launchRedis({ signal: starting.signal })).rejects.toThrow('enough now');
  });
});
