import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
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
    expect(setup('test', process.env)).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('names the ways to get a Redis where there is none, with exit status 2', () => {
    const { status, stdout, stderr } = setup('test', bare);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('no redis-server or valkey-server (6.2 or newer) on PATH');
    expect(stderr).toContain('brew install redis');
  });

  it('is content with REDIS_URL for a start, not for tests', () => {
    const env = { ...bare, REDIS_URL: 'redis://redis.example:6379' };
    expect(setup('start', env)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(setup('test', env).status).toBe(2);
  });
});
