import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { expect } from 'vitest';
import { faultRows } from '../../src/rows/row.ts';
import { eventually } from '../../src/world/eventually.ts';
import type { ServiceOf } from '../../src/world/fault-catalog.ts';
import type { FaultWorld } from '../../src/world/fault-world.ts';
import { untilDead } from '../../src/world/processes.ts';
import type { Visitor } from '../../src/world/visitor.ts';

const once_ = { attempts: 1, backoffMs: 10 };
const app = (of: ServiceOf) => ({ services: { app: { scope: 'tenant', retry: once_, ...of } } });

/** One failure with this code, told once; then it is mended, and a retry works. */
async function expectToldAndMended(user: Visitor, code: string, mend: () => Promise<unknown>): Promise<object> {
  const asked = user.send('hello');
  const { failure, retryable } = await user.next('initialization_failed');
  expect(failure.code).toBe(code);
  expect(retryable).toBe(true);
  expect(await user.answerTo(asked)).toEqual({ how: 'rejected', code });
  await mend();
  expect((await user.retry()).type).toBe('initialization_completed');
  expect(await user.ask('again')).toMatchObject({ how: 'answered' });
  return failure;
}

/** From now on the service starts well. */
const well = (world: FaultWorld) => () => world.replaceCatalog(app({}));

faultRows('services', (row) => {
  row('never ready', { world: app({ flags: ['gated'], deadlineMs: 4_000 }) }, async (world, faults) => {
    const user = await world.user('ann');
    await faults.inject('never listens', () => undefined);
    await expectToldAndMended(user, 'probe_timeout', well(world));
    faults.recovered();
    await untilDead((await world.started('app')).pid);
    faults.userSaw('`probe_timeout` at the deadline; a retry works once it is mended');
  });

  row(
    'ready, then flapping',
    { world: app({ flags: ['flapping'], retry: { attempts: 2, backoffMs: 10 } }) },
    async (world, faults) => {
      await faults.inject('exits after each start', () => undefined);
      const user = await world.user('ann');
      const { failure } = await user.next('initialization_failed');
      expect(failure.code).toBe('crash_loop');
      const before = world.starts('app').length;
      await world.replaceCatalog(app({}));
      expect((await user.retry()).type).toBe('initialization_completed');
      expect(await user.ask('again')).toMatchObject({ how: 'answered' });
      faults.recovered();
      expect(before).toBeLessThanOrEqual(4);
      faults.userSaw('`interrupted`, progress, then `crash_loop`; a retry works once it is mended');
    },
  );

  row('exits 0 early', { world: app({ flags: ['early'] }) }, async (world, faults) => {
    await faults.inject('exit 0', () => undefined);
    const failure = await expectToldAndMended(await world.user('ann'), 'exited_early', well(world));
    faults.recovered();
    expect(failure).toMatchObject({ exitCode: 0 });
    faults.userSaw('`exited_early` with its status; a retry works once it is mended');
  });

  row('exits non-zero', { representative: true, world: app({ flags: ['failing'] }) }, async (world, faults) => {
    await faults.inject('exit 7', () => undefined);
    const failure = await expectToldAndMended(await world.user('ann'), 'exited_early', () => world.file('mended'));
    faults.recovered();
    expect(failure).toMatchObject({ exitCode: 7 });
    faults.userSaw('`exited_early` with its status; a retry works once it is mended');
  });

  row('forks away', { world: app({ flags: ['forks'] }) }, async (world, faults) => {
    await faults.inject('fork, exit 0', () => undefined);
    const failure = await expectToldAndMended(await world.user('ann'), 'exited_early', well(world));
    faults.recovered();
    expect(failure).toMatchObject({ exitCode: 0 });
    // What it left behind has the mark of its run, and does not outlive the attempt.
    const [parent, child] = world.starts('app');
    expect(child?.generation).toBe(parent?.generation);
    await untilDead((await world.started('app', 2)).pid);
    faults.userSaw('`exited_early`; a retry works once it is mended');
  });

  row(
    'ignores SIGTERM',
    { world: app({ flags: ['stubborn'], idle: { stopAfterMs: 1_000 } }) },
    async (world, faults) => {
      const user = await world.user('ann');
      expect(await user.ask('hello')).toMatchObject({ how: 'answered' });
      const { pid } = await world.started('app');
      await faults.inject('idle stop', () => user.leave());
      await eventually(() => world.history.written().some(({ did }) => did === 'term'), 'it was not asked to end');
      await untilDead(pid);
      expect(await (await world.user('ben')).ask('hello')).toMatchObject({ how: 'answered' });
      faults.recovered();
      faults.userSaw('nothing of it: it is killed after its grace');
    },
  );

  const megabytes = process.env['REVEILLE_FAULT_RESULTS'] === undefined ? 50 : 1_000;
  row(
    'floods its log with a gigabyte, secrets, ANSI, invalid UTF-8',
    {
      world: {
        ...app({ flags: ['floods', String(megabytes)], deadlineMs: 290_000 }),
        chat: { logTailFor: ['operator'], deadlineMs: 300_000 },
      },
    },
    async (world, faults) => {
      await faults.inject(`${megabytes} MB`, () => undefined);
      const user = await world.user('ann');
      const failure = await expectToldAndMended(user, 'exited_early', well(world));
      faults.recovered();
      const told = JSON.stringify(failure);
      expect(failure).toMatchObject({ exitCode: 9 });
      expect(told.length).toBeLessThan(64 * 1024);
      expect(failure).toHaveProperty('logTail');
      expect(told).toContain('key=[redacted]');
      expect(told).not.toMatch(/\\u001b|\\u0007/);
      // The resident memory of the initializer, in kB (proc(5)).
      const status = readFileSync(`/proc/${world.the('initializer').deployable.child.pid}/status`, 'utf8');
      expect(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1])).toBeLessThan(400_000);
      faults.userSaw('`exited_early`, with a short and clean end of the log for operators');
    },
  );

  row('port taken by a stranger', {}, async (world, faults) => {
    const stranger = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nstrange'));
    stranger.listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const { port } = stranger.address() as AddressInfo;
    const fixed = { services: { app: { scope: 'global', retry: once_, endpoint: { port } } } };
    await world.replaceCatalog(fixed);
    await faults.inject('listens there', () => undefined);
    const user = await world.user('ann');
    await expectToldAndMended(user, 'port_in_use', async () => {
      stranger.close();
      await once(stranger, 'close');
    });
    faults.recovered();
    faults.userSaw('`port_in_use`, and no word of the stranger; a retry works once the port is free');
  });

  row(
    'dependency dies after ready and before the dependent starts',
    { representative: true },
    async (world, faults) => {
      const { redis } = world.the('initializer');
      const readied = redis.holdAfter('\r\nready\r\n', 'down');
      const user = await world.user('ann');
      const asked = user.ask('hello');
      await readied;
      const { pid } = await world.started('db');
      expect(world.starts('app')).toEqual([]);
      await faults.inject('SIGKILL', () => world.kill(pid));
      await untilDead(pid);
      redis.heal();
      redis.reset();
      expect(await asked).toMatchObject({ how: 'answered' });
      const db = await world.until('db', ({ state }) => state === 'ready');
      const instance = await world.keyOf('db');
      await world.until(
        'app',
        (record) => record.state === 'ready' && record.dependencyGenerations?.[instance] === db.generation,
      );
      faults.recovered();
      expect(world.starts('db').length).toBeGreaterThan(1);
      faults.userSaw('progress of the next generation, then the answer');
    },
  );

  row('killed in the middle of an answer', { representative: true }, async (world, faults) => {
    const user = await world.user('ann');
    const id = user.send({ text: 'long', parts: 3, hold: 'never' });
    await user.next('message', 2);
    const { pid } = await world.started('app');
    await faults.inject('SIGKILL', () => world.kill(pid));
    expect(await user.answerTo(id)).toEqual({ how: 'interrupted' });
    const after = await user.ask('again');
    faults.recovered();
    expect(after).toMatchObject({ how: 'answered' });
    expect(world.starts('app')).toHaveLength(2);
    expect(world.starts('db')).toHaveLength(1);
    faults.userSaw('`interrupted` that names the message, progress, then the answer to the next one');
  });
});
