import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';

function setup(purpose: 'start' | 'test', env: NodeJS.ProcessEnv) {
  const script = join(import.meta.dirname, '../setup.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, purpose], { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

/** With nothing on PATH no package manager can be called either. */
const bare = { PATH: '' };

describe('setup', () => {
  it('says nothing when everything is in place', () => {
    const env = { ...process.env, REVEILLE_BROWSER: process.execPath };
    expect(setup('test', env)).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('names the ways to get a Redis where there is none, with exit status 2', () => {
    const { status, stdout, stderr } = setup('test', bare);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('no redis-server or valkey-server (6.2 or newer) on PATH');
    expect(stderr).toContain('brew install redis');
  });

  it('goes on without a Chromium where none can be installed, and says what is left out', async () => {
    await using stack = new AsyncDisposableStack();
    const dir = await mkdtemp(join(tmpdir(), 'reveille-setup-'));
    stack.defer(() => rm(dir, { recursive: true }));
    for (const name of ['redis-server', 'valkey-server']) {
      const places = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
      const server = places.find((path) => existsSync(path));
      if (server) await symlink(server, join(dir, name));
    }
    const { status, stderr } = setup('test', { PATH: dir });
    expect(status).toBe(0);
    expect(stderr).toContain('no Chromium: the tests of the page in a browser are left out');
  });

  it('is content with REDIS_URL for a start, not for tests', () => {
    const env = { ...bare, REDIS_URL: 'redis://redis.example:6379' };
    expect(setup('start', env)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(setup('test', env).status).toBe(2);
  });
});
