import { type InstanceKey, type ScopeKey, scopeKeysOf, type StartJob, type Urgency } from '@reveille/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Admission,
  admissible,
  admit,
  type AdmissionLimits,
  compareTurns,
  enter,
  laneOf,
  nobody,
  positionOf,
  release,
  urgencyOf,
  operatorPrefix,
  withdraw,
} from '../../src/index.ts';

function startOf(instance: string, lane: string, more: Partial<StartJob> = {}): StartJob {
  const named = { instance: instance as InstanceKey, lane: lane as ScopeKey };
  return { version: 1, kind: 'start', generation: 1, attempt: 1, urgency: 'waiting', ...named, ...more };
}

/** A line with its clock: each call comes a little later than the one before. */
class Line {
  admission: Admission = nobody;
  readonly limits: AdmissionLimits;
  readonly served: StartJob[] = [];
  #now = 0;

  constructor(limits: AdmissionLimits = {}) {
    this.limits = limits;
  }

  enter(...jobs: StartJob[]): this {
    for (const job of jobs) this.admission = enter(this.admission, job, ++this.#now);
    return this;
  }

  /** A place is free. */
  next(): StartJob | undefined {
    const { admission, admitted } = admit(this.admission, { owner: 'me', until: Infinity, limits: this.limits });
    this.admission = admission;
    if (admitted) this.served.push(admitted);
    return admitted;
  }

  over(job: StartJob): void {
    this.admission = release(this.admission, (slot) => slot.job.instance === job.instance);
  }

  serveAll(): string[] {
    const order: string[] = [];
    for (let job = this.next(); job; job = this.next()) {
      order.push(job.instance);
      this.over(job);
    }
    return order;
  }
}

const many = (lane: string, count: number, more: Partial<StartJob> = {}) =>
  Array.from({ length: count }, (_, index) => startOf(`${lane}${index + 1}`, lane, more));

describe('the order of admission', () => {
  test('lanes take turns, and within one the oldest is first', () => {
    const line = new Line().enter(...many('a', 3), ...many('b', 2), ...many('c', 1));
    expect(line.serveAll()).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  test('what users wait for comes before what is warmed, and a start whose holder died before both', () => {
    const line = new Line().enter(
      ...many('w', 2, { urgency: 'warming' }),
      ...many('a', 2),
      startOf('r1', 'w', { urgency: 'resumed' }),
    );
    expect(line.serveAll()).toEqual(['r1', 'a1', 'a2', 'w1', 'w2']);
  });

  test('200 queued starts of one tenant delay the first of another by at most one slot, whenever it comes', () => {
    for (let servedBefore = 0; servedBefore < 200; servedBefore += 9) {
      const line = new Line().enter(...many('a', 200));
      for (let turn = 0; turn < servedBefore; turn++) line.over(line.next() as StartJob);
      line.enter(startOf('b1', 'b'));
      const ahead = positionOf(line.admission, {}, 'b1' as InstanceKey) ?? 0;
      expect(ahead).toBeLessThanOrEqual(2);
      expect(line.serveAll().indexOf('b1')).toBe(ahead - 1);
    }
  });

  test('whatever comes and goes: a lane that begins to wait is passed by each other once at most, one that had a start just now twice', () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant('enter' as const), lane: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ do: fc.constant('enter' as const), lane: fc.constantFrom('a', 'b') }),
      fc.record({ do: fc.constant('next' as const) }),
      fc.record({ do: fc.constant('withdraw' as const), which: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 150 }), (actions) => {
        const line = new Line();
        /** How often others were served since a lane began to wait, or (`had`) since its last start. */
        const waiting = new Map<string, { had: boolean; passedBy: Map<string, number> }>();
        const waits = (lane: string) => line.admission.queued.some(({ job }) => job.lane === lane);
        for (const [index, step] of actions.entries()) {
          if (step.do === 'enter') {
            if (!waits(step.lane))
              waiting.set(step.lane, {
                had: line.admission.served.waiting.lanes.includes(step.lane as ScopeKey),
                passedBy: new Map(),
              });
            line.enter(startOf(`${step.lane}${index}`, step.lane));
          } else if (step.do === 'withdraw') {
            const one = line.admission.queued[step.which % Math.max(1, line.admission.queued.length)];
            if (one === undefined) continue;
            line.admission = withdraw(line.admission, one.job.instance, 1);
            // A turn that is given up is not made up for.
            waiting.delete(one.job.lane);
          } else {
            const job = line.next();
            if (job === undefined) continue;
            line.over(job);
            for (const [lane, { had, passedBy }] of waiting) {
              if (lane === job.lane) continue;
              const times = (passedBy.get(job.lane) ?? 0) + 1;
              passedBy.set(job.lane, times);
              expect(times).toBeLessThanOrEqual(had ? 2 : 1);
            }
            if (waits(job.lane)) waiting.set(job.lane, { had: true, passedBy: new Map() });
            else waiting.delete(job.lane);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('a lane that asks for one start after the other gets no more than its turns', () => {
    const line = new Line().enter(...many('a', 20));
    const order = Array.from({ length: 10 }, (_, index) => {
      if (!line.admission.queued.some(({ job }) => job.lane === 'b')) line.enter(startOf(`b${index}`, 'b'));
      const job = line.next() as StartJob;
      line.over(job);
      return job.lane;
    });
    expect(order.filter((lane) => lane === 'a').length).toBeGreaterThanOrEqual(5);
  });
});

describe('a start in line', () => {
  test('keeps its place when it is asked for again, and its slot', () => {
    const line = new Line().enter(...many('a', 3));
    const before = line.admission;
    line.enter(...many('a', 3));
    expect(line.admission).toEqual(before);
    const [first] = many('a', 1) as [StartJob];
    line.next();
    line.enter(first);
    expect(line.admission.queued).toHaveLength(2);
    expect(line.admission.slots).toHaveLength(1);
  });

  test('of a later attempt takes the place and the slot of the earlier one', () => {
    const line = new Line({ pool: 1 }).enter(...many('a', 1), ...many('b', 1));
    line.next();
    line.enter(startOf('a1', 'a', { attempt: 2 }));
    expect(line.admission.slots).toEqual([]);
    line.enter(startOf('b1', 'b', { attempt: 2 }));
    expect(line.serveAll()).toEqual(['b1', 'a1']);
    expect(line.served.at(1)?.attempt).toBe(2);
  });

  test('gives up its place when it is withdrawn, but not that of a later generation', () => {
    const line = new Line().enter(startOf('a1', 'a', { generation: 5 }), startOf('b1', 'b'));
    line.admission = withdraw(line.admission, 'a1' as InstanceKey, 4);
    expect(line.admission.queued).toHaveLength(2);
    line.admission = withdraw(line.admission, 'a1' as InstanceKey, 5);
    expect(line.serveAll()).toEqual(['b1']);
  });

  test('a lane whose starts were all withdrawn is as one that just comes', () => {
    const line = new Line().enter(...many('a', 50), ...many('b', 50));
    for (const { instance } of many('b', 50)) line.admission = withdraw(line.admission, instance, 1);
    line.enter(startOf('b-late', 'b'));
    expect(positionOf(line.admission, {}, 'b-late' as InstanceKey)).toBeLessThanOrEqual(2);
  });
});

const limitsOf = fc.record({
  pool: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  perTenant: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
});
const lanes = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 40 });
const urgencies = fc.constantFrom<Urgency>('resumed', 'waiting', 'warming');

describe('limits', () => {
  test('no more starts are under way than the pool or a tenant may have, and nobody waits while there is room', () => {
    fc.assert(
      fc.property(limitsOf, lanes, fc.array(fc.boolean()), (limits, entering, ends) => {
        const line = new Line(limits).enter(...entering.map((lane, index) => startOf(`i${index}`, lane)));
        for (const end of ends) {
          const over = line.admission.slots[0];
          if (end && over) line.over(over.job);
          const admitted = line.next();
          const { slots } = line.admission;
          expect(slots.length).toBeLessThanOrEqual(limits.pool ?? Infinity);
          for (const lane of ['a', 'b', 'c'])
            expect(slots.filter(({ job }) => job.lane === lane).length).toBeLessThanOrEqual(
              limits.perTenant ?? Infinity,
            );
          if (admitted === undefined && slots.length < (limits.pool ?? Infinity))
            expect(admissible(line.admission, limits)).toEqual([]);
        }
      }),
    );
  });

  test('a tenant at its limit keeps nobody else waiting', () => {
    const line = new Line({ perTenant: 1 }).enter(...many('a', 5), ...many('b', 1));
    expect([line.next()?.instance, line.next()?.instance, line.next()]).toEqual(['a1', 'b1', undefined]);
  });
});

test('a position is the truth: so many are let in before it if nobody else comes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), urgencies), { minLength: 1, maxLength: 30 }),
      (all) => {
        const line = new Line().enter(...all.map(([lane, urgency], index) => startOf(`i${index}`, lane, { urgency })));
        const told = new Map(
          all.map((_, index) => [`i${index}`, positionOf(line.admission, {}, `i${index}` as InstanceKey)]),
        );
        for (const [index, instance] of line.serveAll().entries()) expect(told.get(instance)).toBe(index + 1);
      },
    ),
  );
  expect(positionOf(nobody, {}, 'a' as InstanceKey)).toBeUndefined();
});

test('the order is total', () => {
  const turn = fc.record({ urgency: urgencies, turn: fc.nat(5), since: fc.nat(5) });
  fc.assert(
    fc.property(turn, turn, (a, b) => {
      expect(Math.sign(compareTurns(a, b)) + Math.sign(compareTurns(b, a))).toBe(0);
    }),
  );
});

test('a lane is the tenant’s, else the user’s, else that of all', async () => {
  const [ada, bob, alone] = await Promise.all([
    scopeKeysOf({ tenant: 'acme', user: 'ada' }),
    scopeKeysOf({ tenant: 'acme', user: 'bob' }),
    scopeKeysOf({ user: 'ada' }),
  ]);
  expect(laneOf({ kind: 'tenant' }, ada)).toBe(ada.tenant);
  expect(laneOf({ kind: 'user' }, ada)).toBe(ada.tenant);
  expect(laneOf({ kind: 'user' }, bob)).toBe(ada.tenant);
  expect(laneOf({ kind: 'user' }, alone)).toBe(alone.user);
  expect(laneOf({ kind: 'global' }, ada)).toBe('global');
});

test('only what nobody but operators wants is warmed; what is under way without a holder is resumed', () => {
  const by = (...edges: string[]) => ({
    interest: edges.map((edge) => ({ edge, until: 1 })),
    record: { state: 'queued' as const },
  });
  expect(urgencyOf(by('e1', `${operatorPrefix}1`))).toBe('waiting');
  expect(urgencyOf(by(`${operatorPrefix}1`))).toBe('warming');
  // Something that runs on top of it needs it.
  expect(urgencyOf(by())).toBe('waiting');
  expect(urgencyOf({ ...by(`${operatorPrefix}1`), record: { state: 'starting' } })).toBe('resumed');
});
