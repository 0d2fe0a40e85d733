import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

// What a process manager or a script does: it knows the process that it started and no other. Ctrl-C reaches the whole group instead.
test.for(['SIGTERM', 'SIGINT'] as const)('npm start hands %s on and leaves nothing behind', async (signal) => {
  const data = await mkdtemp(join(tmpdir(), 'reveille-start-'));
  const npm = spawn('npm', ['start', '--', '--port', '0', '--data', data], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = new Promise((resolve) => npm.once('close', resolve));
  try {
    const url = await addressOf(npm);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    npm.kill(signal);
    // Closed when the last process that holds its outputs has ended, however deep it is below npm.
    await closed;
    await expect(fetch(`${url}/livez`)).rejects.toThrow('fetch failed');
  } finally {
    npm.kill('SIGKILL');
    await rm(data, { recursive: true, force: true });
  }
});

function addressOf(npm: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    const hear = (text: Buffer): void => {
      said += text.toString();
      const url = /Reveille is up at (\S+)/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    };
    npm.stdout?.on('data', hear);
    npm.stderr?.on('data', hear);
    npm.once('close', (code) => reject(new Error(`npm start ended with ${code}:\n${said}`)));
  });
}
