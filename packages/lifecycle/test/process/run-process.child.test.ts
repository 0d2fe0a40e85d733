import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';

const FIXTURE = new URL('fixtures/deployable.ts', import.meta.url).pathname;

let child: ChildProcess | undefined;
afterEach(async () => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
});

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const spawned = spawn(process.execPath, ['--conditions=@reveille/source', FIXTURE, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child = spawned;
  const lines: string[] = [];
  const reader = createInterface(spawned.stdout);
  reader.on('line', (line) => lines.push(line));
  return {
    child: spawned,
    lines,
    /** Waits until the line has come that often. */
    line: async (wanted: string, times = 1): Promise<void> => {
      while (lines.filter((line) => line === wanted).length < times) await once(reader, 'line');
    },
    stderr: text(spawned.stderr),
    exit: once(spawned, 'close') as Promise<[number | null, string | null]>,
  };
}

describe('a real process', () => {
  test('stays while it has nothing to do, and ends in order with 0 on SIGTERM', async () => {
    const { child, line, lines, exit, stderr } = start([]);
    await line('running');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(lines).toEqual(['running', 'aborted', 'disposing', 'disposed']);
    expect(await stderr).toBe('');
  });

  test('ends at once with 130 on the second SIGINT', async () => {
    const { child, line, lines, exit } = start(['hangs']);
    await line('running');
    child.kill('SIGINT');
    await line('disposing');
    child.kill('SIGINT');
    expect(await exit).toEqual([130, null]);
    expect(lines).not.toContain('disposed');
  });

  test('takes signals in quick succession for one', async () => {
    const { child, line, lines, exit } = start(['waits', '600000']);
    await line('running');
    child.kill('SIGINT');
    await line('disposing');
    child.kill('SIGINT');
    await line('signal', 2);
    child.stdin.end();
    expect(await exit).toEqual([0, null]);
    expect(lines).toContain('disposed');
  });

  test('ends with 2 and the whole report when its configuration is wrong', async () => {
    const { exit, stderr, lines } = start([], { TEST_PORT: '99999' });
    expect(await exit).toEqual([2, null]);
    expect(await stderr).toBe(
      'deployable: Configuration refused: 1 setting is wrong.\n' +
        '  TEST_PORT  found "99999"; expected a whole number from 0 to 65535\n',
    );
    expect(lines).toEqual([]);
  });

  test('ends with 1 and the stack when a rejection is handled by nobody', async () => {
    const { exit, stderr } = start(['rejects']);
    expect(await exit).toEqual([1, null]);
    expect(await stderr).toContain('deployable: unhandledRejection: Error: nobody listens\n    at ');
  });
});
