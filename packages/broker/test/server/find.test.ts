import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRedisServer } from '../../src/server/index.ts';

let dirs: string[];

beforeEach(async () => {
  dirs = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'reveille-find-'))));
});

afterEach(async () => {
  await Promise.all(dirs.map((dir) => rm(dir, { recursive: true })));
});

async function program(dir: string, name: string, says: string): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, `#!/bin/sh\necho '${says}'\n`);
  await chmod(path, 0o755);
  return path;
}

const find = () => findRedisServer({ PATH: dirs.join(delimiter) });

describe('finding a Redis server', () => {
  it('finds the one of this machine', () => {
    expect(findRedisServer()?.version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('finds none where PATH is empty, absent or holds none', () => {
    expect(findRedisServer({ PATH: '' })).toBeUndefined();
    expect(findRedisServer({})).toBeUndefined();
    expect(find()).toBeUndefined();
  });

  it('passes over a server that is too old, and takes the next on PATH', async () => {
    await program(dirs[0]!, 'redis-server', 'Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64');
    const path = await program(dirs[1]!, 'redis-server', 'Redis server v=6.2.0 sha=00000000:0 malloc=libc bits=64');
    expect(find()).toEqual({ path, version: '6.2.0' });
  });

  it('takes Valkey where there is no Redis', async () => {
    const path = await program(
      dirs[0]!,
      'valkey-server',
      'Valkey server v=8.1.3 sha=00000000:0 malloc=jemalloc bits=64',
    );
    expect(find()).toEqual({ path, version: '8.1.3' });
    const redis = await program(dirs[1]!, 'redis-server', 'Redis server v=10.0.1 sha=00000000:0 bits=64');
    expect(find()).toEqual({ path: redis, version: '10.0.1' });
  });

  it('passes over what is no program, and a program that does not say its version', async () => {
    await writeFile(join(dirs[0]!, 'redis-server'), 'not executable');
    await program(dirs[1]!, 'redis-server', 'hello');
    expect(find()).toBeUndefined();
  });
});
