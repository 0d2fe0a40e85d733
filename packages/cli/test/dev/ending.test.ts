import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import { isAlive, RunningDev } from '../support/running-dev.ts';
import { tinyProduct } from '../support/tiny-product.ts';

describe('the end of reveille dev', () => {
  it('leaves nothing behind after Ctrl-C: no process, no port, no run file', async () => {
    await using folder = await tinyProduct();
    const dev = await RunningDev.start(folder);
    expect(await runCli(['connect', 'talk', '--url', dev.url, '--send', 'x'])).toMatchObject({ code: 0 });
    const pids = await dev.servicePids();
    const redis = await dev.redis();
    expect(pids).toHaveLength(2);
    dev.cli.signal('SIGINT');
    expect(await dev.cli.ended).toMatchObject({ code: 0, signal: null });
    const left = await Promise.all([...pids, redis.pid].map(isAlive));
    expect(left).toEqual([false, false, false]);
    expect(await answers(Number(new URL(dev.url).port))).toBe(false);
    expect(await answers(redis.port)).toBe(false);
    await expect(access(join(folder.path, '.reveille', 'dev.json'))).rejects.toThrow('ENOENT');
  });

  it('keeps what it knows: the next dev reads the same ledger', async () => {
    await using folder = await tinyProduct();
    for (const expected of [/starting 2 of 2/, /starting 2 of 2/]) {
      const dev = await RunningDev.start(folder);
      const { code, err } = await runCli(['connect', 'talk', '--url', dev.url, '--send', 'x']);
      expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(expected) });
      dev.cli.signal('SIGINT');
      expect(await dev.cli.ended).toMatchObject({ code: 0 });
    }
    const { out } = await runCli(['validate', '--plan', 'talk', '--json'], { cwd: folder.path });
    expect(JSON.parse(out)).toMatchObject({ valid: true, history: { known: false } });
  });

  it('and its next run leave the services of another dev alone', async () => {
    await using one = await RunningDev.start();
    await using folder = await tinyProduct();
    const reveille = (dev: RunningDev, ...args: string[]) => runCli(args, { cwd: dev.folder.path });
    expect(await reveille(one, 'start', 'talk')).toMatchObject({ code: 0 });
    const pids = await one.servicePids();
    const first = await RunningDev.start(folder);
    expect(await reveille(first, 'start', 'talk')).toMatchObject({ code: 0 });
    first.cli.signal('SIGINT');
    await first.cli.ended;
    // To this ledger the generation that runs beside it is over. The next run looks for what was left when it comes up.
    const next = await RunningDev.start(folder);
    expect(await reveille(next, 'start', 'talk')).toMatchObject({ code: 0 });
    expect(await Promise.all(pids.map(isAlive))).toEqual([true, true]);
    next.cli.signal('SIGINT');
    await next.cli.ended;
  });

  it('does not mislead the next user when it was killed: what the ledger calls ready is started again', async () => {
    await using folder = await tinyProduct();
    const first = await RunningDev.start(folder);
    expect(await runCli(['connect', 'talk', '--url', first.url, '--send', 'x'])).toMatchObject({ code: 0 });
    const before = await first.servicePids();
    first.cli.signal('SIGKILL');
    await first.cli.ended;

    const second = await RunningDev.start(folder);
    const { code, out, err } = await runCli(['connect', 'talk', '--url', second.url, '--send', 'still there?']);
    // What it said is part of the picture: a failure here is otherwise a riddle.
    expect({ code, last: out.split('\n').at(-2) }, `${err}\n${second.cli.err}`).toEqual({
      code: 0,
      last: 'STILL THERE?',
    });
    expect(err).not.toMatch(/Trying again|attempt/);
    const after = (await second.servicePids()).slice(before.length);
    expect(await Promise.all(before.map(isAlive))).toEqual([false, false]);
    // The interest of the killed edge may have begun a start and run out in it, so that more than two were begun.
    const alive = await Promise.all(after.map(isAlive));
    expect(alive.filter(Boolean), `${err}\n${second.cli.err}`).toHaveLength(2);
    second.cli.signal('SIGINT');
    expect(await second.cli.ended).toMatchObject({ code: 0 });
  });

  it('comes at once when Ctrl-C is pressed again and again', async () => {
    await using dev = await RunningDev.start();
    // Frozen, so that the first one cannot have ended it before the second comes.
    const redis = await dev.redis();
    process.kill(redis.pid, 'SIGSTOP');
    const pressing = setInterval(() => dev.cli.signal('SIGINT'), 100);
    const { code } = await dev.cli.ended.finally(() => clearInterval(pressing));
    process.kill(redis.pid, 'SIGCONT');
    expect(code).toBe(130);
  });
});

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
