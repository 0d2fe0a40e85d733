import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockPort } from '../../src/process/port-lock.ts';
import { AUTO_PORTS, PortPool } from '../../src/process/port-pool.ts';
import { freePort, stranger } from '../support/free-port.ts';
import { program, startRequest } from '../support/start-request.ts';
import { context, never, testDriver } from '../support/test-driver.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));
const addresses = ['127.0.0.1', '0.0.0.0', ...(hasIpv6 ? ['::'] : [])];
const stay = program('setInterval(() => {}, 1e6)');

describe('automatic ports', () => {
  it('differ for twenty runs that two initializers start at once', async () => {
    await using first = testDriver({ namespace: 'ports' });
    await using second = testDriver({ namespace: 'ports' });
    const runs = await Promise.all(
      Array.from({ length: 20 }, (_, generation) =>
        (generation % 2 === 0 ? first : second).start(startRequest(stay, { generation }), context()),
      ),
    );
    const ports = new Set(runs.map((run) => run.endpoint?.port));
    expect(ports.size).toBe(20);
    for (const port of ports) {
      expect(port).toBeGreaterThanOrEqual(AUTO_PORTS.first);
      expect(port).toBeLessThan(AUTO_PORTS.last);
    }
  });

  it('are not given twice to pools that know nothing of each other', async () => {
    const pools = Array.from({ length: 8 }, () => new PortPool(['127.0.0.1']));
    const locks = await Promise.all(pools.flatMap((pool) => [pool.take('auto', never()), pool.take('auto', never())]));
    expect(new Set(locks.map((lock) => lock?.port)).size).toBe(16);
    for (const lock of locks) await lock?.[Symbol.asyncDispose]();
  });

  it('pass over a port where a stranger listens', async () => {
    const pool = new PortPool(['127.0.0.1']);
    const locks = [await pool.take('auto', never())];
    await using _taken = await stranger((locks[0]?.port ?? 0) + 1);
    locks.push(await pool.take('auto', never()));
    expect(locks[1]?.port).toBeGreaterThan(0);
    expect(locks[1]?.port).not.toBe((locks[0]?.port ?? 0) + 1);
    for (const lock of locks) await lock?.[Symbol.asyncDispose]();
  });

  it('change with the next attempt, so that one that was taken after all does not come again', async () => {
    await using driver = testDriver();
    const request = startRequest(program('process.exit(1)'));
    const first = await driver.start(request, context());
    await first.exited;
    const second = await driver.start(request, context());
    expect(second.endpoint?.port).not.toBe(first.endpoint?.port);
  });
});

describe('the lock of a port', () => {
  it.each([true, false])('is had by one at a time (across the host: %s)', async (acrossHost) => {
    const port = await freePort();
    const first = await lockPort(port, { acrossHost });
    expect(await lockPort(port, { acrossHost })).toBeUndefined();
    await first?.[Symbol.asyncDispose]();
    const second = await lockPort(port, { acrossHost });
    expect(second?.port).toBe(port);
    await second?.[Symbol.asyncDispose]();
  });

  it.runIf(process.platform === 'linux')('is seen by other processes, and ends with the one that has it', async () => {
    const port = await freePort();
    const module = JSON.stringify(path.join(import.meta.dirname, '../../src/process/port-lock.ts'));
    const source = `import { lockPort } from ${module}; await lockPort(${port}); console.log('locked'); setInterval(() => {}, 1e6);`;
    const other = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(other.stdout, 'data');
    expect(await lockPort(port)).toBeUndefined();
    const exited = once(other, 'exit');
    other.kill('SIGKILL');
    await exited;
    const lock = await lockPort(port);
    expect(lock?.port).toBe(port);
    await lock?.[Symbol.asyncDispose]();
  });

  it('is free at the moment in which the stop of its run is done', async () => {
    await using driver = testDriver();
    const port = await freePort();
    const request = startRequest(stay, { endpoint: { port } });
    await driver.start(request, context());
    expect(await driver.stop(request, { graceMs: 5000, signal: never() })).toEqual({ stopped: true });
    const lock = await lockPort(port);
    expect(lock?.port).toBe(port);
    await lock?.[Symbol.asyncDispose]();
  });
});

describe('a fixed port', () => {
  it.each(addresses)('is refused while a stranger listens there at %s', async (host) => {
    await using driver = testDriver();
    const other = await stranger(0, host);
    const port = other?.port ?? 0;
    const request = startRequest(stay, { endpoint: { port } });
    await expect(driver.start(request, context())).rejects.toMatchObject({
      code: 'port_in_use',
      message: `port ${port} of this host is taken: something else listens there, which Reveille did not start`,
    });
    await other?.[Symbol.asyncDispose]();
    expect((await driver.start(request, context())).endpoint?.port).toBe(port);
  });

  it('is refused while another run of this host has it, and free as soon as that is stopped', async () => {
    await using driver = testDriver();
    await using another = testDriver();
    const port = await freePort();
    const [older, newer] = [1, 2].map((generation) => startRequest(stay, { endpoint: { port }, generation }));
    if (older === undefined || newer === undefined) throw new Error('two requests');
    await driver.start(older, context());
    await expect(another.start(newer, context())).rejects.toMatchObject({
      code: 'port_in_use',
      message: `port ${port} of this host is taken: another service that Reveille started has it`,
    });
    await driver.stop(older, { graceMs: 5000, signal: never() });
    expect((await another.start(newer, context())).endpoint?.port).toBe(port);
  });
});
