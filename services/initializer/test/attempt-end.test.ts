import { globalScopeKey, type InstanceKey } from '@reveille/contracts';
import { BrokerUnavailable, type Command, type Driver, DriverError, type Ledger } from '@reveille/orchestration';
import { describe, expect, test } from 'vitest';
import { AttemptEnded } from '../src/start/attempt-ended.ts';
import { commitReady } from '../src/start/commit-ready.ts';
import { endAttempt } from '../src/start/end-attempt.ts';
import type { Subject } from '../src/subject/subject.ts';
import { ClaimedStart, db, identity, logger, spec } from './claimed-start.ts';

const subject: Subject = { identity, spec, name: 'Db', dependencies: [], lane: globalScopeKey };
const endpoint = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 };

/** A ledger whose next commits fail: before they are made, or after, so that only the answer is lost. */
function failing(when: 'before' | 'after', times: number) {
  let left = 0;
  return {
    arm: () => (left = times),
    wrap: (ledger: Ledger): Ledger =>
      Object.assign(Object.create(ledger) as Ledger, {
        commit: async (commit: Parameters<Ledger['commit']>[0]) => {
          const fails = left-- > 0;
          if (fails && when === 'before') throw new BrokerUnavailable('away');
          const result = await ledger.commit(commit);
          if (fails) throw new BrokerUnavailable('the answer was lost');
          return result;
        },
        read: (instances: Parameters<Ledger['read']>[0]) => ledger.read(instances),
        renew: (...args: Parameters<Ledger['renew']>) => ledger.renew(...args),
      }),
  };
}

function countingReads() {
  const reads = {
    count: 0,
    wrap: (ledger: Ledger) =>
      Object.assign(Object.create(ledger) as Ledger, {
        commit: (...args: Parameters<Ledger['commit']>) => ledger.commit(...args),
        read: (...args: Parameters<Ledger['read']>) => ((reads.count += 1), ledger.read(...args)),
      }),
  };
  return reads;
}

function readyOf(start: ClaimedStart): Extract<Command, { kind: 'ready' }> {
  return { kind: 'ready', epoch: start.record.epoch, owner: 'me', endpoint, publicKey: 'k' };
}

/** What became of a run. */
function end(start: ClaimedStart, error: unknown) {
  const stopped: string[] = [];
  const driver = {
    async stop({ name }: { name: string }) {
      stopped.push(name);
      return { stopped: true };
    },
  } as unknown as Driver;
  const stopper = {
    async stop() {
      stopped.push('by the stopper');
    },
  } as never;
  const attempt = {
    record: start.record,
    subject,
    keeper: start.keeper,
    driverOf: () => driver,
    running: undefined,
    phase: 'probing',
    traceparent: '',
  };
  const ended = endAttempt(error, attempt, { ledger: start.ledger, commands: start.commands, stopper, logger });
  return { stopped, ended };
}

describe('what has become ready', () => {
  test.each(['before', 'after'] as const)(
    'is said to be ready when Redis was away for a moment (%s the commit)',
    async (when) => {
      const fault = failing(when, 2);
      await using start = await ClaimedStart.make(fault.wrap);
      fault.arm();
      const made = await commitReady({
        ledger: start.ledger,
        commands: start.commands,
        keeper: start.keeper,
        known: await start.known(),
        command: readyOf(start),
        logger,
      });
      expect(made?.record).toMatchObject({ state: 'ready', epoch: start.record.epoch });
      expect((await start.reading()).record?.state).toBe('ready');
    },
  );

  test('is said without a reading for as long as nobody else changes the instance, with the time that has passed', async () => {
    const reads = countingReads();
    await using start = await ClaimedStart.make(reads.wrap);
    const known = { ...(await start.known()), at: performance.now() - 5000 };
    const { ledger, commands, keeper } = start;
    const ready = await commitReady({ ledger, commands, keeper, known, command: readyOf(start), logger });
    expect(reads.count).toBe(0);
    expect((ready?.record.timings.readyAt ?? 0) - known.reading.now).toBeGreaterThanOrEqual(5000);
  });

  test('keeps what others wrote meanwhile', async () => {
    await using start = await ClaimedStart.make();
    const known = await start.known();
    const dependent = 'app~global' as InstanceKey;
    await start.commit({ kind: 'add_dependent', identity, dependent });
    const { ledger, commands, keeper } = start;
    const ready = await commitReady({ ledger, commands, keeper, known, command: readyOf(start), logger });
    expect(ready?.record).toMatchObject({ state: 'ready', dependents: [dependent] });
  });

  test('is let go and not killed when it is another’s by now', async () => {
    await using start = await ClaimedStart.make();
    const known = await start.known();
    start.broker.expireLeases();
    await start.commit({ kind: 'claim', owner: 'other', host: 'here', name: 'n', attempts: 3 });
    const command = readyOf(start);
    const { ledger, commands, keeper } = start;
    expect(await commitReady({ ledger, commands, keeper, known, command, logger })).toBeUndefined();
    expect((await start.reading()).record).toMatchObject({ state: 'starting', owner: 'other' });
  });
});

describe('the progress of a claimed start', () => {
  const progress = (start: ClaimedStart, phase: string) =>
    ({ kind: 'progress', epoch: start.record.epoch, progress: { phase } }) as const;

  test('is written without a reading for as long as nobody else changes the instance', async () => {
    const reads = countingReads();
    await using start = await ClaimedStart.make(reads.wrap);
    const first = await start.commands.applyFrom(await start.known(), progress(start, 'one'));
    if (!first.applied) throw new Error(first.refused);
    expect(await start.commands.applyFrom(first, progress(start, 'two'))).toMatchObject({ applied: true });
    expect(reads.count).toBe(0);
    expect((await start.reading()).record).toMatchObject({ progress: { phase: 'two' } });
  });

  test('keeps what others wrote meanwhile', async () => {
    await using start = await ClaimedStart.make();
    const known = await start.known();
    const dependent = 'app~global' as InstanceKey;
    await start.commit({ kind: 'add_dependent', identity, dependent });
    expect(await start.commands.applyFrom(known, progress(start, 'one'))).toMatchObject({ applied: true });
    expect((await start.reading()).record).toMatchObject({ progress: { phase: 'one' }, dependents: [dependent] });
  });
});

describe('an attempt that ended', () => {
  test('with a failure is stopped and counted', async () => {
    await using start = await ClaimedStart.make();
    const { stopped, ended } = end(start, new DriverError('exited_early', 'exit code 1'));
    expect(await ended).toMatchObject({ code: 'exited_early', attempt: 1 });
    expect(stopped).toEqual(['n']);
    expect((await start.reading()).record).toMatchObject({ state: 'queued', attempt: 1 });
  });

  test('with a failure, and was adopted by another meanwhile, kills nothing: the ledger is asked first', async () => {
    await using start = await ClaimedStart.make();
    // The ledger lost the lease; its holder could not know yet.
    start.broker.expireLeases();
    await start.commit({ kind: 'claim', owner: 'other', host: 'here', name: 'n', attempts: 3 });
    expect(start.keeper.trusted()).toBe(true);
    const { stopped, ended } = end(start, new DriverError('probe_timeout', 'late'));
    expect(await ended).toBeUndefined();
    expect(stopped).toEqual([]);
    expect((await start.reading()).record).toMatchObject({ state: 'starting', owner: 'other' });
  });

  test('because its initializer ends, but whose claim is lost by then, kills nothing', async () => {
    await using start = await ClaimedStart.make();
    start.broker.expireLeases();
    await start.commit({ kind: 'claim', owner: 'other', host: 'here', name: 'n', attempts: 3 });
    expect(await start.keeper.confirmed()).toBe(false);
    const { stopped, ended } = end(start, new AttemptEnded('shutdown'));
    await ended;
    expect(stopped).toEqual([]);
    expect((await start.reading()).record).toMatchObject({ state: 'starting', owner: 'other' });
  });

  test('because Redis is away is no failure of the service: nothing is killed', async () => {
    await using start = await ClaimedStart.make();
    const { stopped, ended } = end(start, new BrokerUnavailable('away'));
    expect(await ended).toBeUndefined();
    expect(stopped).toEqual([]);
  });

  test('because nobody waited, and somebody came just then: what runs stays, for the next attempt at once', async () => {
    await using start = await ClaimedStart.make();
    const { stopped, ended } = end(start, new AttemptEnded('unwanted'));
    await ended;
    expect(stopped).toEqual([]);
    const reading = await start.reading();
    expect(reading).toMatchObject({ record: { state: 'queued', attempt: 0 }, lease: undefined });
  });

  test('because nobody waits any more is stopped', async () => {
    await using start = await ClaimedStart.make();
    await start.broker.ledger.unwant('edge1', [db]);
    const { stopped, ended } = end(start, new AttemptEnded('unwanted'));
    await ended;
    expect(stopped).toEqual(['by the stopper']);
  });
});
