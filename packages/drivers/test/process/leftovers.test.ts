import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { afterEach, describe, expect, it } from 'vitest';
import { formatMark, MARK_VARIABLE } from '../../src/process/mark.ts';
import { Lifeline } from '../support/lifeline.ts';
import { processTables } from '../support/process-tables.ts';
import { program, startRequest } from '../support/start-request.ts';
import { context, line, never, testDriver } from '../support/test-driver.ts';

/** No process has this pid: it is above every system's highest. */
const DEAD = 99_999_999;

const planted: number[] = [];
afterEach(() => {
  for (const pid of planted.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  }
});

/** A process as an initializer that is dead, and whose watcher is dead too, would have left it. */
function plant(
  source: string,
  mark: string,
  options: { detached: boolean; args?: string[] } = { detached: true },
): void {
  const child = spawn('node', ['-e', source, ...(options.args ?? [])], {
    detached: options.detached,
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], PORT: '20999', ...(mark === '' ? {} : { [MARK_VARIABLE]: mark }) },
  });
  planted.push(child.pid ?? 0);
}

describe.each(processTables)('leftovers of a dead initializer, by the process table of %s', (_, table) => {
  it('are adopted with the port that they were given', async () => {
    await using lifeline = await Lifeline.open();
    const namespace = randomUUID();
    await using driver = testDriver({ namespace, processTable: table() });
    const request = startRequest(program('0'));
    plant(
      lifeline.hold('leader'),
      formatMark({ namespace, hostId: 'this-host', initializerPid: DEAD, name: request.name }),
    );
    const leader = await lifeline.member('leader');
    const run = await driver.start(request, context());
    expect(run.endpoint).toEqual({ url: 'http://127.0.0.1:20999', host: '127.0.0.1', port: 20_999 });
    expect(await driver.adopt(request, context())).toBe(run);
    process.kill(leader.pid, 'SIGKILL');
    expect(await run.exited).toEqual({ code: null, signal: null });
  });

  it('die with the one that took them over', async () => {
    await using lifeline = await Lifeline.open();
    const namespace = randomUUID();
    const driver = testDriver({ namespace, processTable: table() });
    const request = startRequest(program('0'));
    plant(
      lifeline.hold('leader'),
      formatMark({ namespace, hostId: 'this-host', initializerPid: DEAD, name: request.name }),
    );
    const leader = await lifeline.member('leader');
    expect(await driver.adopt(request, context())).toBeDefined();
    await driver[Symbol.asyncDispose]();
    await leader.gone;
  });

  it('without their leader are cleared away before the next attempt', async () => {
    await using lifeline = await Lifeline.open();
    const namespace = randomUUID();
    await using driver = testDriver({ namespace, processTable: table() });
    const mark = formatMark({
      namespace,
      hostId: 'this-host',
      initializerPid: DEAD,
      name: startRequest(program('0')).name,
    });
    // A leader that starts a child in its group and is gone.
    const child = JSON.stringify(`process.on('SIGTERM', () => undefined); ${lifeline.hold('child')}`);
    plant(
      `require('node:child_process').spawn('node', ['-e', ${child}], { stdio: 'ignore' }).unref(); ${lifeline.hold('leader')}`,
      mark,
    );
    const [leader, left] = [await lifeline.member('leader'), await lifeline.member('child')];
    process.kill(leader.pid, 'SIGKILL');
    await leader.gone;
    const run = await driver.start(startRequest(program(`console.log('new'); setInterval(() => {}, 1e6)`)), context());
    await left.gone;
    expect(await line(run, /new/)).toBe('new');
  });

  it('of another deployment, another host, or that only speak of a mark, are not touched', async () => {
    await using lifeline = await Lifeline.open();
    const namespace = randomUUID();
    await using driver = testDriver({ namespace, processTable: table() });
    const request = startRequest(program('0'));
    const ours = { namespace, hostId: 'this-host', initializerPid: DEAD, name: request.name };
    plant(lifeline.hold('stranger'), formatMark({ ...ours, namespace: `${namespace}-2` }));
    plant(lifeline.hold('stranger'), formatMark({ ...ours, hostId: 'that-host' }));
    plant(lifeline.hold('stranger'), '', { detached: true, args: [`${MARK_VARIABLE}=${formatMark(ours)}`] });
    const strangers = await Promise.all([1, 2, 3].map(() => lifeline.member('stranger')));
    expect(await driver.list(never())).toEqual([]);
    expect(await driver.adopt(request, context())).toBeUndefined();
    expect(await driver.stop(request, { graceMs: 5000, signal: never() })).toEqual({ stopped: true });
    for (const { pid } of strangers) expect(process.kill(pid, 0)).toBe(true);
  });
});
