import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Lifeline } from '../support/lifeline.ts';
import { program, startRequest } from '../support/start-request.ts';
import { context, never, testDriver } from '../support/test-driver.ts';

const hosting = path.join(import.meta.dirname, '../support/hosting-process.ts');

async function host(source: string, namespace: string) {
  const child = spawn(process.execPath, ['--conditions=@reveille/source', hosting, source, namespace], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  expect(said.toString()).toBe('hosting\n');
  return {
    pid: child.pid ?? 0,
    async kill() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A leader with a child of its own in the same group, and one that has left the group. None of them ends when asked to. */
function family(lifeline: Lifeline): string {
  const deaf = `process.on('SIGTERM', () => undefined);`;
  const child = (label: string) => JSON.stringify(`${deaf} ${lifeline.hold(label)}`);
  return `
    ${deaf} ${lifeline.hold('leader')}
    const { spawn } = require('node:child_process');
    spawn('node', ['-e', ${child('child')}], { stdio: 'ignore' });
    spawn('node', ['-e', ${child('stray')}], { stdio: 'ignore', detached: true });`;
}

async function shellsUnder(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')));
  return stats.flatMap((stat) => {
    const [pid, name, , ppid] = stat.split(' ');
    return name === '(sh)' && Number(ppid) === parent ? [Number(pid)] : [];
  });
}

describe('the death of the initializer', () => {
  it('by SIGKILL takes its services and their children with it', async () => {
    await using lifeline = await Lifeline.open();
    const initializer = await host(family(lifeline), randomUUID());
    const leader = await lifeline.member('leader');
    const child = await lifeline.member('child');
    // What left the group is found by its mark, which only Linux lets a shell read.
    const stray = await lifeline.member('stray');
    await initializer.kill();
    await Promise.all([leader.gone, child.gone, ...(process.platform === 'linux' ? [stray.gone] : [])]);
    if (process.platform !== 'linux') process.kill(stray.pid, 'SIGKILL');
  });

  it.runIf(process.platform === 'linux')('is still noticed after the watcher itself was killed', async () => {
    await using lifeline = await Lifeline.open();
    const restarted = Promise.withResolvers<void>();
    await using driver = testDriver({
      logger: { warn: () => restarted.resolve(), error: () => undefined } as never,
    });
    await driver.start(startRequest(program(lifeline.hold('leader'))), context());
    const [watcher = 0, ...others] = await shellsUnder(process.pid);
    expect(others).toEqual([]);
    process.kill(watcher, 'SIGKILL');
    await restarted.promise;
    await expect.poll(() => shellsUnder(process.pid), { interval: 10 }).toHaveLength(1);
    expect(await shellsUnder(process.pid)).not.toContain(watcher);
  });

  it.runIf(process.platform === 'linux')(
    'together with its watcher leaves runs that another initializer takes over or ends',
    async () => {
      await using lifeline = await Lifeline.open();
      const namespace = randomUUID();
      const initializer = await host(lifeline.hold('leader'), namespace);
      const leader = await lifeline.member('leader');
      process.kill(initializer.pid, 'SIGSTOP'); // Else it would have a new watcher before it is dead.
      for (const watcher of await shellsUnder(initializer.pid)) process.kill(watcher, 'SIGKILL');
      await initializer.kill();

      await using another = testDriver({ namespace });
      const request = startRequest(program('0'));
      const { name, instance } = request;
      expect(await another.list(never())).toEqual([{ name, instance, generation: 1 }]);
      const adopted = await another.adopt(request, context());
      expect(adopted?.endpoint?.port).toBeGreaterThan(0);
      expect(await another.stop(request, { graceMs: 5000, signal: never() })).toEqual({ stopped: true });
      await leader.gone;
      await adopted?.exited;
    },
  );
});
