import { describe, expect, it } from 'vitest';
import { Lifeline } from '../support/lifeline.ts';
import { program, startRequest } from '../support/start-request.ts';
import { context, line, never, testDriver } from '../support/test-driver.ts';

/** A program that starts another, in its own group or in one of its own. */
function parent(lifeline: Lifeline, then = '', detached = false): string {
  const child = JSON.stringify(`process.on('SIGTERM', () => undefined); ${lifeline.hold('child')}`);
  return `
    const child = require('node:child_process').spawn('node', ['-e', ${child}], { stdio: 'inherit', detached: ${detached} });
    child.unref();
    ${lifeline.hold('leader')} ${then}`;
}

describe('ending a run', () => {
  it('lets it finish what it does within its grace', async () => {
    await using driver = testDriver();
    const finish = `process.once('SIGTERM', () => { console.log('finishing'); setTimeout(() => process.exit(0), 50); });`;
    const request = startRequest(program(`${finish} setInterval(() => {}, 1e6); console.log('up');`));
    const running = await driver.start(request, context());
    await line(running, /up/);
    expect(await driver.stop(request, { graceMs: 30_000, signal: never() })).toEqual({ stopped: true });
    expect(await running.exited).toEqual({ code: 0, signal: null });
    expect(running.logs()).toContain('finishing');
  });

  it('asks once, however many want it', async () => {
    await using driver = testDriver();
    const source = `
      process.on('SIGTERM', () => { console.log('asked'); setTimeout(() => process.exit(0), 100); });
      setInterval(() => {}, 1e6); console.log('up');`;
    const request = startRequest(program(source));
    const running = await driver.start(request, context());
    await line(running, /up/);
    await Promise.all([1, 2, 3].map(() => driver.stop(request, { graceMs: 30_000, signal: never() })));
    expect(running.logs()).toEqual(['up', 'asked']);
  });

  it('takes the shortest grace that is asked for', async () => {
    await using driver = testDriver();
    const request = startRequest(
      program(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6); console.log('up');`),
    );
    const running = await driver.start(request, context());
    await line(running, /up/);
    const patient = driver.stop(request, { graceMs: 3_600_000, signal: never() });
    expect(await driver.stop(request, { graceMs: 10, signal: never() })).toEqual({ stopped: true });
    expect(await patient).toEqual({ stopped: true });
    expect(await running.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it.each([false, true])('ends its children too (with a group of their own: %s)', async (detached) => {
    await using lifeline = await Lifeline.open();
    await using driver = testDriver();
    const request = startRequest(program(parent(lifeline, '', detached)));
    await driver.start(request, context());
    const child = await lifeline.member('child');
    expect(await driver.stop(request, { graceMs: 50, signal: never() })).toEqual({ stopped: true });
    await child.gone;
  });

  it('ends what it starts while it is being stopped, outside its group', async () => {
    await using lifeline = await Lifeline.open();
    await using driver = testDriver();
    const late = JSON.stringify(`process.on('SIGTERM', () => undefined); ${lifeline.hold('late')}`);
    const source = `
      process.on('SIGTERM', () => {
        require('node:child_process').spawn('node', ['-e', ${late}], { stdio: 'ignore', detached: true });
        process.exit(0);
      });
      ${lifeline.hold('leader')}`;
    const request = startRequest(program(source));
    await driver.start(request, context());
    await lifeline.member('leader');
    expect(await driver.stop(request, { graceMs: 100, signal: never() })).toEqual({ stopped: true });
    expect(await driver.list(never())).toEqual([]);
  });

  it.each([false, true])(
    'a leader that forks away and exits has ended, and what it left is ended (with a group of its own: %s)',
    async (detached) => {
      await using lifeline = await Lifeline.open();
      await using driver = testDriver();
      const leave = `process.once('SIGTERM', () => process.exit(0));`;
      const running = await driver.start(startRequest(program(parent(lifeline, leave, detached))), context());
      const child = await lifeline.member('child');
      const leader = await lifeline.member('leader');
      process.kill(leader.pid, 'SIGTERM');
      expect(await running.exited).toEqual({ code: 0, signal: null });
      await child.gone;
    },
  );

  it('goes on when its caller leaves, and says that it did not wait', async () => {
    await using lifeline = await Lifeline.open();
    await using driver = testDriver();
    const request = startRequest(program(`process.on('SIGTERM', () => {}); ${lifeline.hold('leader')}`));
    await driver.start(request, context());
    const leader = await lifeline.member('leader');
    expect(await driver.stop(request, { graceMs: 20, signal: AbortSignal.abort() })).toEqual({
      stopped: false,
      reason: `the wait for ${request.name} to end was given up`,
    });
    await leader.gone;
  });

  it('reaches a start that is under way', async () => {
    await using driver = testDriver();
    const request = startRequest(program('setInterval(() => {}, 1e6)'));
    const starting = driver.start(request, context());
    const outcome = starting.then(
      () => 'started',
      (error: unknown) => error,
    );
    await Promise.resolve();
    expect(await driver.stop(request, { graceMs: 5000, signal: never() })).toEqual({ stopped: true });
    expect(await outcome).toMatchObject({ code: 'cancelled' });
    expect(await driver.list(never())).toEqual([]);
  });

  it('happens to everything at disposal, after which nothing can be started', async () => {
    await using lifeline = await Lifeline.open();
    const driver = testDriver();
    const request = (generation: number) =>
      startRequest(program(`process.on('SIGTERM', () => {}); ${lifeline.hold('leader')}`), {
        generation,
        stop: { graceMs: 50 },
      });
    await Promise.all([1, 2, 3].map((generation) => driver.start(request(generation), context())));
    const leaders = await Promise.all([1, 2, 3].map(() => lifeline.member('leader')));
    await driver[Symbol.asyncDispose]();
    await Promise.all(leaders.map(({ gone }) => gone));
    await expect(driver.start(request(4), context())).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is told with the signal when it was done from outside', async () => {
    await using lifeline = await Lifeline.open();
    await using driver = testDriver();
    const running = await driver.start(startRequest(program(lifeline.hold('leader'))), context());
    process.kill((await lifeline.member('leader')).pid, 'SIGKILL');
    expect(await running.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });
});
