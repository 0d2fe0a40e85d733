import { type InstanceKey, instanceState } from '@reveille/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Command, decide, type Decision, type Identity, type Reading, transition } from '../../src/index.ts';
import { app, db, failure, now, readingOf, spec } from './situations.ts';

/** More commits in a row than any situation needs before only time or somebody else can bring it further. */
const stepBound = 8;

/** Two instances and the hands of a reconciler: what it commits, joins and leaves; nothing else changes. */
class Pair {
  readonly readings: Map<InstanceKey, Reading>;
  readonly #aliveHosts: ReadonlySet<string>;

  constructor(readings: Reading[], aliveHosts: ReadonlySet<string>) {
    this.readings = new Map(readings.map((reading) => [reading.instance, reading]));
    this.#aliveHosts = aliveHosts;
  }

  read(instance: InstanceKey): Reading {
    const reading = this.readings.get(instance);
    if (reading === undefined) throw new Error(instance);
    return reading;
  }

  /** Decides and does until only time or somebody else can go on. Returns the steps that it took. */
  settle(identity: Identity): Decision[] {
    const steps: Decision[] = [];
    for (;;) {
      const decision = this.#decide(identity);
      steps.push(decision);
      if (steps.length > stepBound || !this.#do(identity, decision)) return steps;
    }
  }

  #decide(identity: Identity): Decision {
    return decide({
      reading: this.read(identity.instance),
      dependencies: identity.dependencies.map((one) => this.read(one)),
      former: [],
      identity,
      spec: spec(identity.service),
      self: { owner: 'me', host: 'here' },
      aliveHosts: this.#aliveHosts,
      origin: undefined,
    });
  }

  #do(identity: Identity, decision: Decision): boolean {
    switch (decision.next) {
      case 'commit':
        return this.#commit(identity.instance, decision.command);
      case 'join_dependencies':
        for (const one of decision.dependencies)
          this.#commit(one, { kind: 'add_dependent', identity: db, dependent: identity.instance });
        return true;
      case 'leave_dependencies':
        for (const one of decision.dependencies)
          this.#commit(one, { kind: 'drop_dependents', dependents: [identity.instance] });
        return true;
      case 'nothing':
      case 'rest':
      case 'enqueue_start':
      case 'watch':
      case 'stop':
      case 'start_successor':
      case 'drop_successor':
      case 'end_drain':
        return false;
    }
  }

  #commit(instance: InstanceKey, command: Command): boolean {
    const reading = this.read(instance);
    const commit = transition(reading, command);
    if ('refused' in commit) return false;
    const lease =
      commit.lease === undefined
        ? reading.lease
        : commit.lease === 'release'
          ? undefined
          : { owner: commit.lease.owner, until: reading.now + commit.lease.ttlMs };
    this.readings.set(instance, { ...reading, token: commit.record.revision, record: commit.record, lease });
    return true;
  }
}

const around = fc.integer({ min: now - 20_000, max: now + 20_000 });
const one = fc.record({
  state: fc.option(fc.constantFrom(...instanceState.options), { nil: undefined }),
  counted: fc.boolean(),
  wanted: fc.boolean(),
  joined: fc.boolean(),
  leased: fc.boolean(),
  host: fc.option(fc.constantFrom('here', 'there', 'gone'), { nil: undefined }),
  cooldownUntil: around,
  unwantedAt: fc.option(around, { nil: undefined }),
  notBefore: fc.option(around, { nil: undefined }),
  attempt: fc.nat(7),
  known: fc.option(fc.constantFrom(4, 5), { nil: undefined }),
});

function reading(identity: Identity, dependent: InstanceKey, of: typeof one extends fc.Arbitrary<infer T> ? T : never) {
  const { state, host, unwantedAt, notBefore, known } = of;
  const fields = state && {
    state,
    generation: 4,
    attempt: of.attempt,
    failure,
    cooldownUntil: of.cooldownUntil,
    dependents: of.counted ? [dependent] : [],
    ...(host === undefined ? {} : { host }),
    ...(unwantedAt === undefined ? {} : { unwantedAt }),
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(known === undefined ? {} : { dependencyGenerations: { [db.instance]: known } }),
  };
  return readingOf(identity, fields, {
    ...(of.joined ? { token: 11 } : {}),
    interest: of.wanted ? [{ edge: 'edge1', until: now + 1000 }] : [],
    lease: of.leased ? { owner: 'other', until: now + 1000 } : undefined,
  });
}

test('whatever two instances look like, deciding and doing ends within a few steps', () => {
  fc.assert(
    fc.property(one, one, (ofApp, ofDb) => {
      const hosts = new Set(['here', 'there']);
      // Nothing runs on top of `app`; `db` is counted on by `app`.
      const pair = new Pair(
        [reading(app, app.instance, { ...ofApp, counted: false }), reading(db, app.instance, ofDb)],
        hosts,
      );
      for (let round = 0; round < 4; round++)
        for (const identity of [app, db])
          expect(pair.settle(identity).length, JSON.stringify(pair.settle(identity))).toBeLessThanOrEqual(stepBound);
      // And then it stays so: looking again changes nothing.
      const before = [...pair.readings.values()];
      for (const identity of [app, db]) expect(pair.settle(identity)).toHaveLength(1);
      expect([...pair.readings.values()]).toEqual(before);
    }),
    { numRuns: 5000 },
  );
});

test('what is cold or failed for good is counted by none of its dependencies once it was looked at', () => {
  fc.assert(
    fc.property(one, one, (ofApp, ofDb) => {
      const pair = new Pair(
        [reading(app, app.instance, { ...ofApp, counted: false }), reading(db, app.instance, ofDb)],
        new Set(['here', 'there']),
      );
      pair.settle(app);
      const state = pair.read(app.instance).record?.state ?? 'cold';
      if (state !== 'cold' && state !== 'failed') return;
      expect(pair.read(db.instance).record?.dependents ?? []).not.toContain(app.instance);
    }),
    { numRuns: 5000 },
  );
});
