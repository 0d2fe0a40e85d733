import { instanceState, type InstanceState } from '@reveille/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Command, type Commit, transition, transitions } from '../../src/index.ts';
import { app, db, failure, now, readingOf, spec } from './situations.ts';

const policy = { retry: spec('app').retry, cooldownMs: 15_000, random: 0.5 };
const endpoint = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 };

/** One command of each kind, under the epoch of the record. */
const commands = (epoch: number, generation = epoch): Command[] => [
  { kind: 'want', identity: app, origin: undefined },
  { kind: 'add_dependent', identity: app, dependent: db.instance },
  { kind: 'drop_dependents', dependents: [db.instance] },
  { kind: 'note_unwanted' },
  { kind: 'note_wanted' },
  { kind: 'queue', dependencyGenerations: {} },
  { kind: 'wait' },
  { kind: 'fail_dependency', failure, cooldownUntil: now + 1000 },
  { kind: 'refuse', failure, cooldownMs: 1000 },
  { kind: 'claim', owner: 'me', host: undefined, name: 'n', attempts: 3 },
  { kind: 'progress', epoch, progress: { phase: 'opening' } },
  { kind: 'ready', epoch, owner: 'me', endpoint, publicKey: 'k' },
  { kind: 'attempt_failed', epoch, failure, policy },
  { kind: 'give_up', failure, policy },
  { kind: 'let_go', epoch },
  { kind: 'lose', failure },
  { kind: 'stop', owner: 'me', reason: 'idle' },
  { kind: 'stopped', epoch, policy },
  { kind: 'request_stop' },
  { kind: 'clear' },
  { kind: 'cancel' },
  { kind: 'rest' },
  { kind: 'need_also', dependencies: [db.instance] },
  {
    ...{ kind: 'claim_successor', identity: { ...app, definition: 'new' }, owner: 'me', host: undefined },
    ...{ dependencyGenerations: {}, attempts: 3, cooldownMs: 1000 },
  },
  { kind: 'successor_ready', epoch, owner: 'me', endpoint, publicKey: 'k', drainMs: 1000 },
  { kind: 'successor_failed', epoch, failure, policy },
  { kind: 'let_successor_go', epoch },
  { kind: 'drop_successor', generation },
  { kind: 'leave_draining', edge: 'edge1', generation },
  { kind: 'end_drain', generation },
  { kind: 'drained', generation },
];

const states = instanceState.options as readonly InstanceState[];
const numbers = fc.record({
  generation: fc.nat(),
  epoch: fc.nat(),
  attempt: fc.nat(6),
  revision: fc.integer({ min: 1, max: 2_000_000_000_000_000 }),
});
const situation = fc.record({
  state: fc.constantFrom(...states),
  numbers,
  which: fc.nat(commands(0).length - 1),
  lease: fc.option(fc.constantFrom('me', 'other'), { nil: undefined }),
  unwanted: fc.boolean(),
  dependents: fc.boolean(),
  beside: fc.constantFrom('successor', 'draining'),
  losses: fc.array(fc.integer({ min: now - 200_000, max: now }), { maxLength: 10 }),
});

/** Another generation that a ready record names. */
const besides = ({ generation, epoch }: { generation: number; epoch: number }) => {
  const run = { generation: generation + 1, intent: { name: 'next' }, definition: 'new' };
  const claim = { attempt: 1, epoch, owner: 'me', catalog: 'digest', dependencyGenerations: {}, claimedAt: now };
  return {
    successor: { successor: { ...run, ...claim } },
    draining: { draining: { ...run, edges: ['edge1'], until: now, over: false } },
  };
};

function run(one: typeof situation extends fc.Arbitrary<infer T> ? T : never) {
  const reading = readingOf(
    app,
    {
      state: one.state,
      ...one.numbers,
      losses: one.losses,
      failure,
      stopReason: 'lost',
      ...(one.unwanted ? { unwantedAt: now - 9000 } : {}),
      dependents: one.dependents ? [db.instance] : [],
      dependencies: [],
      ...(one.state === 'ready' ? besides(one.numbers)[one.beside] : {}),
    },
    { lease: one.lease === undefined ? undefined : { owner: one.lease, until: now + 5000 } },
  );
  const command = commands(one.numbers.epoch, one.numbers.generation + 1)[one.which] as Command;
  return { reading, command, result: transition(reading, command) };
}

describe('the life of an instance', () => {
  test('every command leads only to the states that the table names, from the states that it names', () => {
    fc.assert(
      fc.property(situation, (one) => {
        const { command, result } = run(one);
        const row = transitions[command.kind];
        if (!row.from.includes(one.state)) expect(result).toMatchObject({ refused: 'state' });
        if ('refused' in result) return;
        const allowed = row.to.length === 0 ? [one.state] : row.to;
        expect(allowed).toContain(result.record.state);
      }),
      { numRuns: 3000 },
    );
  });

  test('every arrow of the table can be walked', () => {
    const walked = new Set<string>();
    fc.assert(
      fc.property(situation, (one) => {
        const { command, result } = run(one);
        if (!('refused' in result)) walked.add(`${command.kind}: ${one.state} → ${result.record.state}`);
      }),
      { numRuns: 30_000 },
    );
    const missing = Object.entries(transitions).flatMap(([kind, { from, to }]) =>
      from
        .filter((state) => ![...walked].some((way) => way.startsWith(`${kind}: ${state} →`)))
        .concat(
          to.filter((state) => ![...walked].some((way) => way.startsWith(`${kind}:`) && way.endsWith(`→ ${state}`))),
        )
        .map((state) => `${kind} ${state}`),
    );
    expect(missing).toEqual([]);
  });

  test('tokens, generations and epochs only rise', () => {
    fc.assert(
      fc.property(situation, (one) => {
        const { reading, result } = run(one);
        if ('refused' in result) return;
        expect(result.expected).toBe(reading.token);
        expect(result.record.revision).toBeGreaterThan(reading.token);
        expect(result.record.generation).toBeGreaterThanOrEqual(one.numbers.generation);
        expect(result.record.epoch).toBeGreaterThanOrEqual(one.numbers.epoch);
      }),
      { numRuns: 3000 },
    );
  });

  test('nobody commits under an epoch that is not the record’s', () => {
    for (const kind of ['progress', 'ready', 'attempt_failed', 'let_go', 'stopped'] as const) {
      const state = kind === 'stopped' ? 'stopping' : 'starting';
      const stale = commands(6).find((command) => command.kind === kind) as Command;
      expect(transition(readingOf(app, { state, epoch: 7, generation: 1 }), stale)).toMatchObject({ refused: 'epoch' });
    }
  });

  test('a claim under somebody’s lease is refused, also of a stop', () => {
    const lease = { owner: 'other', until: now + 1 };
    const held = readingOf(app, { state: 'starting', epoch: 7, generation: 1 }, { lease });
    for (const kind of ['claim', 'stop', 'give_up'] as const)
      expect(transition(held, commands(7).find((one) => one.kind === kind) as Command)).toMatchObject({
        refused: 'lease_held',
      });
  });
});

describe('failing', () => {
  const failAt = (attempt: number, code: 'exited_early' | 'command_not_found' = 'exited_early') =>
    transition(readingOf(app, { state: 'starting', epoch: 1, generation: 1, attempt, dependents: [db.instance] }), {
      kind: 'attempt_failed',
      epoch: 1,
      failure: { ...failure, code },
      policy,
    }) as Commit;

  test('an attempt is tried again after a jittered back-off, the last one fails for good and is remembered', () => {
    expect(failAt(1).record).toMatchObject({ state: 'queued', notBefore: now + 100 });
    expect(failAt(2).record).toMatchObject({ state: 'queued', notBefore: now + 200 });
    expect(failAt(3).record).toMatchObject({ state: 'failed', cooldownUntil: now + 15_000, dependents: [] });
  });

  test('what only a change can mend is not tried again', () => {
    expect(failAt(1, 'command_not_found').record.state).toBe('failed');
  });

  test('a failure that is cooling down is not started again, one that has cooled down is, as a new generation', () => {
    const want: Command = { kind: 'want', identity: app, origin: undefined };
    const cooling = readingOf(app, { state: 'failed', generation: 5, failure, cooldownUntil: now + 1 });
    expect(transition(cooling, want)).toMatchObject({ refused: 'cooling_down' });
    const cooled = transition(
      readingOf(app, { state: 'failed', generation: 5, failure, cooldownUntil: now }),
      want,
    ) as Commit;
    expect(cooled.record).toMatchObject({ state: 'waiting', attempt: 0 });
    expect(cooled.record.generation).toBeGreaterThan(5);
    expect(cooled.record.failure).toBeUndefined();
  });

  test('a generation that is lost again and again within the stability window fails as a crash loop', () => {
    const losses = [now - 30_000, now - 20_000, now - 10];
    const stopping = { state: 'stopping', epoch: 3, generation: 9, stopReason: 'lost', failure, losses } as const;
    const looped = transition(readingOf(app, stopping), { kind: 'stopped', epoch: 3, policy }) as Commit;
    expect(looped.record).toMatchObject({ state: 'failed', failure: { code: 'crash_loop' } });
    const rare = { ...stopping, losses: [now - 300_000, now - 200_000, now - 10] };
    expect((transition(readingOf(app, rare), { kind: 'stopped', epoch: 3, policy }) as Commit).record.state).toBe(
      'cold',
    );
  });

  test('one loss is no crash loop, however few attempts a start has', () => {
    const once = { ...policy, retry: { ...policy.retry, attempts: 1 } };
    const stopping = { state: 'stopping', epoch: 3, generation: 9, stopReason: 'lost', failure } as const;
    const after = (losses: number[]) =>
      (transition(readingOf(app, { ...stopping, losses }), { kind: 'stopped', epoch: 3, policy: once }) as Commit)
        .record;
    expect(after([now - 10]).state).toBe('cold');
    expect(after([now - 20_000, now - 10]).state).toBe('failed');
  });

  test('a start whose initializers die one after the other is given up', () => {
    const claim: Command = { kind: 'claim', owner: 'me', host: undefined, name: 'n', attempts: 3 };
    expect(transition(readingOf(app, { state: 'starting', attempt: 5 }), claim)).not.toHaveProperty('refused');
    expect(transition(readingOf(app, { state: 'starting', attempt: 6 }), claim)).toMatchObject({ refused: 'worn_out' });
  });
});
