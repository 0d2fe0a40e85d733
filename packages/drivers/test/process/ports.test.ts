import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AUTO_PORTS, PortPool } from '../../src/process/port-pool.ts';
import { program, startRequest } from '../support/start-request.ts';
import { context, never, testDriver } from '../support/test-driver.ts';

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
    const first = await pool.take('auto', never());
    const taken = (first?.port ?? 0) + 1;
    const stranger = net.createServer().listen(taken, '127.0.0.1');
    await once(stranger, 'listening');
    const second = await pool.take('auto', never());
    expect(second?.port).toBeGreaterThan(taken);
    for (const lock of [first, second]) await lock?.[Symbol.asyncDispose]();
    stranger.close();
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

describe('a fixed port', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::'])('is refused while a stranger listens there at %s', async (host) => {
    await using driver = testDriver();
    const stranger = net.createServer().listen(0, host);
    await once(stranger, 'listening');
    const { port } = stranger.address() as AddressInfo;
    const request = startRequest(stay, { endpoint: { port } });
    await expect(driver.start(request, context())).rejects.toMatchObject({
      code: 'port_in_use',
      message: `port ${port} of this host is taken: something else listens there, which Reveille did not start`,
    });
    await new Promise((resolve) => stranger.close(resolve));
    expect((await driver.start(request, context())).endpoint?.port).toBe(port);
  });

  it('is refused while another run of this host has it, and free as soon as that is stopped', async () => {
    await using driver = testDriver();
    await using another = testDriver();
    const [older, newer] = [1, 2].map((generation) => startRequest(stay, { endpoint: { port: 19_872 }, generation }));
    if (older === undefined || newer === undefined) throw new Error('two requests');
    await driver.start(older, context());
    await expect(another.start(newer, context())).rejects.toMatchObject({
      code: 'port_in_use',
      message: 'port 19872 of this host is taken: another service that Reveille started has it',
    });
    await driver.stop(older, { graceMs: 5000, signal: never() });
    expect((await another.start(newer, context())).endpoint?.port).toBe(19_872);
  });
});
