import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let holder: ChildProcess;
let lines: Interface;
let pid: number;
let folder: string;
/** Its end is the end of the server. */
let witness: Socket;
let serverEnd: Promise<unknown>;

beforeEach(async () => {
  holder = spawn(process.execPath, ['--conditions=@reveille/source', `${import.meta.dirname}/holder.ts`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  lines = createInterface({ input: holder.stdout! });
  const [line] = (await once(lines, 'line')) as [string];
  const printed = JSON.parse(line) as { url: string; pid: number };
  pid = printed.pid;
  const redis = new Redis(printed.url);
  folder = ((await redis.config('GET', 'dir')) as [string, string])[1];
  redis.disconnect();
  witness = connect(Number(new URL(printed.url).port), '127.0.0.1');
  await once(witness, 'connect');
  // A reset is an end as well.
  witness.on('error', () => undefined);
  serverEnd = new Promise((resolve) => witness.resume().once('close', resolve));
});

afterEach(async () => {
  witness.destroy();
  holder.kill('SIGKILL');
  await folderRemoved();
});

const folderRemoved = () => expect.poll(() => existsSync(folder), { timeout: 30_000 }).toBe(false);

describe('a launched Redis server', () => {
  it('ends with its parent, temporary folder and all, even when that is killed', async () => {
    expect(existsSync(folder)).toBe(true);
    holder.kill('SIGKILL');
    await serverEnd;
    await folderRemoved();
  });

  it('leaves no folder when it ends first and its parent is killed after', async () => {
    process.kill(pid, 'SIGKILL');
    await serverEnd;
    expect(existsSync(folder)).toBe(true);
    holder.kill('SIGKILL');
    await folderRemoved();
  });

  it('does not get the interrupt that the terminal sends to its parent', async () => {
    process.kill(-holder.pid!, 'SIGINT');
    expect(await once(lines, 'line')).toEqual(['still there']);
  });
});
