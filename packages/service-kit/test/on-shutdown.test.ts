import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';

const fixture = new URL('./fixtures/stopping-service.ts', import.meta.url).pathname;

async function service(mode = ''): Promise<{ child: ChildProcess; lines: AsyncIterator<string> }> {
  const child = spawn(process.execPath, ['--conditions=source', fixture, mode], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('up');
  return { child, lines };
}

async function rest(lines: AsyncIterator<string>): Promise<string[]> {
  const all: string[] = [];
  for (let line = await lines.next(); !line.done; line = await lines.next()) all.push(line.value);
  return all;
}

describe('a service that is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'undoes its start in reverse order on %s and exits with 0',
    async (signal) => {
      const { child, lines } = await service();
      const exit = once(child, 'exit');
      child.kill(signal);
      expect(await exit).toEqual([0, null]);
      expect(await rest(lines)).toEqual(['second registered', 'first registered']);
    },
  );

  it('runs the other steps when one fails, and exits with 1', async () => {
    const { child, lines } = await service('failing');
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([1, null]);
    expect(await rest(lines)).toEqual(['second registered', 'first registered']);
  });

  it('leaves at once on a second Ctrl-C', async () => {
    const { child, lines } = await service('hanging');
    const exit = once(child, 'exit');
    child.kill('SIGINT');
    expect((await lines.next()).value).toBe('hanging');
    child.kill('SIGINT');
    expect(await exit).toEqual([130, null]);
  });
});
