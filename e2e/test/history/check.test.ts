import { describe, expect, test } from 'vitest';
import { invariants, violationsIn } from '../../src/history/check.ts';
import { comes, commit, emits, frames, goodSteps, hears, historyOf, reply, run, type Step, takes } from './sample.ts';

/** The good history with the steps that fit replaced by others. */
function with_(fits: (step: Step) => boolean, ...instead: Step[]): Step[] {
  return goodSteps.flatMap((step) => (fits(step) ? instead : [step]));
}
const isFrame = (type: string) => (step: Step) => step.did === 'frame' && step.frame.type === type;
const isCommit = (change: string) => (step: Step) => step.did === 'commit' && step.entry.change === change;
const before = (fits: (step: Step) => boolean, ...more: Step[]): Step[] =>
  goodSteps.flatMap((step) => (fits(step) ? [...more, step] : [step]));
const after = (fits: (step: Step) => boolean, ...more: Step[]): Step[] =>
  goodSteps.flatMap((step) => (fits(step) ? [step, ...more] : [step]));
const isEnd = (step: Step): boolean => step.did === 'end';
const generation6 = { generation: 6, pid: 11 };
const stranger: Step[] = [comes('ben', 'ben#2'), hears(frames.welcome('s2'), 'ben#2')];
/** Ann's socket breaks, and she comes back to another edge that has taken her message. */
const comesBack: Step[] = [
  { did: 'close', socket: 'ann#1', code: 1006 },
  comes('ann', 'ann#2', 'edge 1'),
  hears(frames.welcome('s1', { resumed: true, lastAccepted: 'm1' }), 'ann#2'),
];

/** The name of the invariant that must find it, the history, and words of what is found. */
const bad: [invariant: string, what: string, steps: Step[], found: RegExp][] = [
  [
    '1 one ready generation',
    'a second generation is ready while the first one is',
    after(isCommit('ready'), commit('ready', 'ready', { generation: 6 })),
    /ready at once/,
  ],
  [
    '1 one ready generation',
    'a generation is committed as ready twice',
    after(isCommit('ready'), commit('ready', 'ready')),
    /ready twice/,
  ],
  [
    '1 one ready generation',
    'an older generation becomes ready again',
    after(isCommit('stopped'), commit('ready', 'ready', { generation: 4 })),
    /became ready after/,
  ],
  [
    '1 one generation for a session',
    'a frame of another generation without an interruption',
    after(isFrame('message'), emits(reply, generation6), hears(frames.message(reply, 2, 6))),
    /without an interruption/,
  ],
  [
    '1 one generation for a session',
    'a new session is let in to a lower generation than its edge has seen',
    after(
      isFrame('message'),
      ...stranger,
      emits(reply, { session: 's2', by: 'ben', generation: 4, pid: 9 }),
      hears(frames.message(reply, 1, 4), 'ben#2'),
    ),
    /let ben#2 in to generation 4/,
  ],
  [
    '2 nothing ready is killed',
    'a service is told to end while it is ready',
    with_(isCommit('stopping')).flatMap((step) =>
      step.did === 'term'
        ? [...Array<Step>(5).fill(hears({ type: 'ping' })), step, ...Array<Step>(5).fill(hears({ type: 'ping' }))]
        : [step],
    ),
    /told to end while/,
  ],
  [
    '3 one terminal frame',
    'an initialization ends twice',
    after(isFrame('initialization_completed'), hears(frames.completed('i1', 40))),
    /2 times/,
  ],
  [
    '3 one terminal frame',
    'an initialization never ends',
    [...with_(isFrame('initialization_completed')), ...Array<Step>(200).fill(hears({ type: 'ping' }))],
    /never told/,
  ],
  [
    '3 one terminal frame',
    'an initialization ends long after its deadline',
    before(isFrame('initialization_completed'), ...Array<Step>(200).fill(hears({ type: 'ping' }))),
    /too late/,
  ],
  [
    '4 never backwards',
    'the numbers of messages have a gap',
    with_(isFrame('message'), hears(frames.message(reply, 2))),
    /got message 2 after 0/,
  ],
  [
    '4 never backwards',
    'an older generation is shown',
    after(isFrame('service_initializing'), hears(frames.initializing(4, 15))),
    /shown generation 4/,
  ],
  [
    '4 never backwards',
    'what was completed is shown starting again',
    after(isFrame('service_completed'), hears(frames.initializing(5, 25))),
    /starting after it was completed/,
  ],
  [
    '4 never backwards',
    'the time of an initialization falls',
    after(isFrame('service_completed'), hears(frames.done(5, 1))),
    /time of an initialization fell/,
  ],
  [
    '6 nothing made up',
    'a user gets what nobody said',
    with_(isFrame('message'), hears(frames.message('lie'))),
    /no service said/,
  ],
  [
    '6 nothing made up',
    'a user gets twice what was said once',
    after(isFrame('message'), hears(frames.message(reply, 2))),
    /so often/,
  ],
  [
    '6 nothing made up',
    'a user gets what was said in another session',
    with_((step) => step.did === 'emit', emits(reply, { session: 's9' })),
    /no service said/,
  ],
  [
    '7 delivered once or told',
    'an accepted message was never taken',
    with_((step) => step.did === 'take'),
    /no service took it/,
  ],
  [
    '7 delivered once or told',
    'a message is taken twice by one process',
    after((step) => step.did === 'take', takes()),
    /twice/,
  ],
  [
    '7 delivered once or told',
    'a message is delivered to the next generation although it was accepted',
    after(isFrame('accepted'), takes(generation6)),
    /again after it was accepted/,
  ],
  [
    '7 delivered once or told',
    'a message vanishes',
    with_(isFrame('accepted')).filter((step) => !isFrame('message')(step)),
    /vanished: neither/,
  ],
  [
    '4 never backwards',
    'a session that is taken up goes on with the wrong number',
    after(isFrame('message'), ...comesBack, emits(), hears(frames.message(reply, 3), 'ann#2')),
    /got message 3 after 1/,
  ],
  [
    '6 nothing made up',
    'what is repeated to a session that is taken up says something else',
    after(isFrame('message'), ...comesBack, hears(frames.message('lie'), 'ann#2')),
    /no service said/,
  ],
  [
    '7 delivered once or told',
    'an answer vanishes between two sockets of a session',
    with_(isFrame('message'), ...comesBack),
    /answer vanished/,
  ],
  [
    '7 delivered once or told',
    'a message vanishes that the edge named as its last one when the session was taken up',
    with_(isFrame('accepted'), ...comesBack).filter((step) => !isFrame('message')(step) && step.did !== 'take'),
    /vanished|no service took it/,
  ],
  ['7 delivered once or told', 'an answer vanishes', with_(isFrame('message')), /answer vanished/],
  [
    '8 nobody sees another',
    'a user gets what was said to another',
    after(isFrame('message'), ...stranger, hears(frames.message(), 'ben#2')),
    /was said to ann/,
  ],
  [
    '8 nobody sees another',
    'a user is shown the service of another',
    [
      ...with_((step) => step.did === 'start', { did: 'start', ...run, user: 'ann', tenant: 'acme' }),
      ...stranger,
      hears(frames.initializing(5), 'ben#2'),
      { did: 'end' },
    ],
    /was shown app of ann/,
  ],
];

describe('the checker', () => {
  test('finds nothing in a good history', () => {
    expect(violationsIn(historyOf(goodSteps))).toEqual([]);
  });

  test.each(bad)('%s: finds that %s', (invariant, _, steps, found) => {
    const history = historyOf(steps);
    expect(invariants[invariant]?.(history).join('\n')).toMatch(found);
  });

  const looks = (count: number): Step[] =>
    Array<Step>(count).fill({ did: 'look', runs: [{ instance: run.instance, generation: 5, pid: 10 }] });
  const minute = (more: Step[]): string[] =>
    violationsIn(historyOf([commit('stopped', 'cold'), ...more, { did: 'end' }], 1_000));

  test('2 nothing runs unowned: finds what runs on after its record is cold', () => {
    expect(minute(looks(60)).join()).toMatch(/ran unowned for more than/);
    expect(minute(looks(30))).toEqual([]);
  });

  test('2 nothing runs unowned: finds what an emptied ledger has forgotten, and does not count an outage', () => {
    const ready = [commit('ready', 'ready')];
    expect(minute([...ready, ...looks(60)])).toEqual([]);
    expect(minute([...ready, { did: 'emptied' }, ...looks(60)]).join()).toMatch(/ran unowned/);
    expect(minute([{ did: 'ledger_away' }, ...looks(60), { did: 'ledger_back' }, ...looks(20)])).toEqual([]);
  });

  test('takes no offence at an interruption, at a reconnect, at the end of an initializer, at a redelivery nobody was told of', () => {
    const more = [
      hears(frames.interrupted()),
      emits(reply, generation6),
      takes({ ...generation6, id: 'm2' }),
      hears(frames.message(reply, 2, 6)),
    ];
    expect(violationsIn(historyOf(after(isFrame('message'), ...more)))).toEqual([]);
    const redelivered = before((step) => step.did === 'take', takes({ ...run, pid: 9, generation: 4 }));
    expect(violationsIn(historyOf(redelivered))).toEqual([]);
    const killed = with_(isCommit('stopping'), { did: 'initializer_ended' });
    expect(violationsIn(historyOf(killed))).toEqual([]);
    const cut = [
      ...goodSteps.slice(0, 5),
      { did: 'close', socket: 'ann#1', code: 1006 } as const,
      { did: 'end' } as const,
    ];
    expect(violationsIn(historyOf(cut))).toEqual([]);
  });

  test('takes no offence at a session that is taken up on another edge, whatever of it is repeated there', () => {
    const repeated = after(isFrame('message'), ...comesBack, hears(frames.message(), 'ann#2'));
    expect(violationsIn(historyOf(repeated))).toEqual([]);
    // Neither `accepted` nor the answer came over the socket that broke.
    const later = with_(isFrame('message'), ...comesBack, hears(frames.message(), 'ann#2'));
    expect(violationsIn(historyOf(later.filter((step) => !isFrame('accepted')(step))))).toEqual([]);
    const sentAgain = after(isFrame('message'), ...comesBack, { did: 'send', socket: 'ann#2', id: 'm1' });
    expect(violationsIn(historyOf(sentAgain))).toEqual([]);
  });

  test('has a bad history for each of its invariants', () => {
    const covered = new Set([...bad.map(([invariant]) => invariant), '2 nothing runs unowned']);
    expect(Object.keys(invariants).filter((name) => !covered.has(name))).toEqual([]);
    expect(isEnd(goodSteps.at(-1) as Step)).toBe(true);
  });
});
