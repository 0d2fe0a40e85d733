import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { vi } from 'vitest';
import { assistantFolder } from './place.ts';

/** A first creation took 6 to 20 s on slow disks. */
const createdWithinMs = 120_000;

/**
 * A folder with a fresh embedded database for the thread service at `to`. It is created once for a run of the tests, by the thread
 * service itself, and copied: whoever comes first makes it, others wait.
 */
export async function freshThreadData(runFolder: string, to: string): Promise<void> {
  const template = join(runFolder, 'threads');
  const isFirst = await mkdir(join(runFolder, 'threads.making')).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
  if (isFirst) await create(template);
  else await vi.waitUntil(() => isThere(template), { timeout: createdWithinMs, interval: 100 });
  await cp(template, to, { recursive: true });
}

async function create(template: string): Promise<void> {
  const made = `${template}.new`;
  const service = spawn(
    process.execPath,
    ['--conditions=@reveille/source', join(assistantFolder, 'thread-service/src/main.ts')],
    {
      env: { PATH: process.env['PATH'] ?? '', THREAD_DATA_DIR: made, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = once(service, 'exit');
  for await (const line of createInterface(service.stdout)) {
    if (line.includes('"listening"')) service.kill('SIGTERM');
  }
  const [code] = await exited;
  if (code !== 0) throw new Error(`the thread service could not make a database: it ended with ${String(code)}`);
  await rename(made, template);
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
