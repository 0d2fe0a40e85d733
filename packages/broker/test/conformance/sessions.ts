import type {
  Broker,
  KeptMessage,
  ResumedSession,
  SessionHold,
  SessionOwner,
  SessionStore,
  SessionWriteResult,
} from '@reveille/orchestration';
import { expect, test } from 'vitest';
import type { MakeBench } from './bench.ts';

const windowMs = 10_000;
const owner = { session: 's1', entrypoint: 'chat', user: 'u1', keyDigest: 'k1' };
const beginning = { edge: 'e1', seq: 0, stored: 0, windowMs };
const bounds = { windowMs, messages: 100, bytes: 10_000 };

async function begun({ sessions }: Broker): Promise<{ session: string; epoch: number }> {
  return { session: owner.session, epoch: await epochOf(sessions.begin(owner, beginning)) };
}

async function epochOf(begun: ReturnType<SessionStore['begin']>): Promise<number> {
  const answer = await begun;
  if ('refused' in answer) throw new Error(answer.refused);
  return answer.epoch;
}

function message(seq: number, more: Partial<KeptMessage> = {}): KeptMessage {
  return { seq, stored: seq * 10, frame: `frame ${seq}`, ...more };
}

async function resumed({ sessions }: Broker, lastSeq: number): Promise<ResumedSession> {
  const taken = await sessions.takeOver(owner, { edge: 'e2', lastSeq, windowMs });
  if ('refused' in taken) throw new Error(taken.refused);
  return taken;
}

type Of = SessionOwner;
type One = Promise<SessionWriteResult | undefined>;

async function keep({ sessions }: Broker, hold: SessionHold, kept: KeptMessage, within = bounds): One {
  return (await sessions.write(hold, [{ kind: 'keep', message: kept }], within))[0];
}

async function accept({ sessions }: Broker, hold: SessionHold, id: string, generation = 5): One {
  return (await sessions.write(hold, [{ kind: 'accept', id, generation }], bounds))[0];
}

export function sessionConformance(make: MakeBench): void {
  test('another edge continues a session: its numbers, what the client has missed, what was accepted', async () => {
    await using bench = await make();
    const hold = await begun(bench.broker);
    expect(await accept(bench.broker, hold, 'm1')).toBe('kept');
    expect(await accept(bench.broker, hold, 'm2')).toBe('kept');
    expect(await accept(bench.broker, hold, 'm1')).toBe('known');
    for (const seq of [1, 2, 3]) expect(await keep(bench.broker, hold, message(seq))).toBe('kept');
    expect(await keep(bench.broker, hold, message(4, { answered: 'm1' }))).toBe('kept');
    const taken = await resumed(await bench.another(), 2);
    expect(taken).toEqual({
      epoch: expect.any(Number),
      formerEpoch: hold.epoch,
      seq: 4,
      stored: 40,
      frames: ['frame 3', 'frame 4'],
      accepted: ['m1', 'm2'],
      unanswered: [{ id: 'm2', generation: 5 }],
      generation: 5,
    });
    expect(taken.epoch).toBeGreaterThan(hold.epoch);
  });

  test('a takeover that a failover lost is one all the same, and the edge before it is out', async () => {
    await using bench = await make();
    const hold = await begun(bench.broker);
    await keep(bench.broker, hold, message(1));
    const later = { ...hold, epoch: hold.epoch + 1_000_000 };
    expect(await keep(bench.broker, later, message(2))).toBe('kept');
    expect(await keep(bench.broker, hold, message(2))).toBe('other_edge');
    expect(await bench.broker.sessions.renew([hold, later], windowMs)).toEqual([hold]);
    expect((await resumed(bench.broker, 0)).frames).toEqual(['frame 1', 'frame 2']);
  });

  test('whoever was taken over keeps, accepts and ends nothing any more, and is told so when it renews', async () => {
    await using bench = await make();
    const hold = await begun(bench.broker);
    const { sessions } = bench.broker;
    await keep(bench.broker, hold, message(1));
    const { epoch } = await resumed(await bench.another(), 1);
    expect(await keep(bench.broker, hold, message(2))).toBe('other_edge');
    expect(await accept(bench.broker, hold, 'm1')).toBe('other_edge');
    await sessions.received(hold, 1);
    await sessions.end(hold);
    expect(await sessions.renew([hold, { ...hold, epoch }], windowMs)).toEqual([hold]);
    expect((await resumed(bench.broker, 0)).frames).toEqual(['frame 1']);
  });

  test('of many who take a session over at once exactly one holds it in the end', async () => {
    await using bench = await make();
    await begun(bench.broker);
    const taken = await Promise.all(Array.from({ length: 10 }, () => resumed(bench.broker, 0)));
    const results = await Promise.all(
      taken.map(({ epoch }) => keep(bench.broker, { session: owner.session, epoch }, message(1))),
    );
    expect(results.filter((result) => result === 'kept')).toHaveLength(1);
  });

  test('writes that go together land as they would one after the other, each with its own result', async () => {
    await using bench = await make();
    const hold = await begun(bench.broker);
    const { sessions } = bench.broker;
    const writes = [
      { kind: 'accept', id: 'm1', generation: 5 },
      { kind: 'keep', message: message(1) },
      { kind: 'accept', id: 'm1', generation: 5 },
      { kind: 'accept', id: 'm2', generation: 6 },
      { kind: 'keep', message: message(2, { answered: 'm1' }) },
      { kind: 'keep', message: message(3) },
    ] as const;
    const within = { ...bounds, messages: 2 };
    expect(await sessions.write(hold, writes, within)).toEqual(['kept', 'kept', 'known', 'kept', 'kept', 'kept']);
    expect(await resumed(await bench.another(), 1)).toMatchObject({
      seq: 3,
      stored: 30,
      frames: ['frame 2', 'frame 3'],
      accepted: ['m1', 'm2'],
      unanswered: [{ id: 'm2', generation: 6 }],
      generation: 6,
    });
    expect(await sessions.write(hold, writes.slice(0, 2), within)).toEqual(['other_edge', 'other_edge']);
    expect(await sessions.write({ session: 's2', epoch: 1 }, writes.slice(0, 2), within)).toEqual([
      'unknown',
      'unknown',
    ]);
  });

  test('each accepted id stays with the generation that it was accepted for, until it is answered or 256 came after it', async () => {
    await using bench = await make();
    const hold = await begun(bench.broker);
    await accept(bench.broker, hold, 'm1', 5);
    await accept(bench.broker, hold, 'm2', 5);
    await accept(bench.broker, hold, 'm3', 6);
    await keep(bench.broker, hold, message(1, { answered: 'm2' }));
    const taken = await resumed(await bench.another(), 1);
    const [m1, m3] = [
      { id: 'm1', generation: 5 },
      { id: 'm3', generation: 6 },
    ];
    expect(taken).toMatchObject({ unanswered: [m1, m3], generation: 6 });
    const mine = { session: owner.session, epoch: taken.epoch };
    for (let more = 0; more < 254; more += 1) await accept(bench.broker, mine, `n${more}`, 7);
    const later = await resumed(bench.broker, 1);
    expect(later.accepted).toHaveLength(256);
    expect(later.unanswered).toHaveLength(255);
    expect(later.unanswered[0]).toEqual(m3);
  });

  test('another key, user or entrypoint is refused and takes nothing over', async () => {
    await using bench = await make();
    const hold = await begun(bench.broker);
    const { sessions } = bench.broker;
    for (const other of [{ keyDigest: 'k2' }, { user: 'u2' }, { entrypoint: 'files' }]) {
      const refused = await sessions.takeOver({ ...owner, ...other }, { edge: 'e2', lastSeq: 0, windowMs });
      expect(refused).toEqual({ refused: 'forbidden' });
    }
    expect(await sessions.takeOver({ ...owner, session: 's2' }, { edge: 'e2', lastSeq: 0, windowMs })).toEqual({
      refused: 'unknown',
    });
    expect(await keep(bench.broker, hold, message(1))).toBe('kept');
  });

  test('what was confirmed is forgotten, and cannot be asked for again', async () => {
    await using bench = await make();
    const hold = await begun(bench.broker);
    const { sessions } = bench.broker;
    for (const seq of [1, 2, 3]) await keep(bench.broker, hold, message(seq));
    await sessions.received(hold, 2);
    await sessions.received(hold, 1);
    const ask = (lastSeq: number) => sessions.takeOver(owner, { edge: 'e2', lastSeq, windowMs });
    expect(await ask(1)).toEqual({ refused: 'incomplete' });
    expect(await ask(4)).toEqual({ refused: 'incomplete' });
    expect(await ask(2)).toMatchObject({ frames: ['frame 3'] });
    expect(await ask(3)).toMatchObject({ frames: [] });
  });

  test('only so many messages and bytes are kept: the oldest give way, and with them the whole resume', async () => {
    await using bench = await make();
    const hold = await begun(bench.broker);
    const { sessions } = bench.broker;
    const ask = (lastSeq: number) => sessions.takeOver(owner, { edge: 'e2', lastSeq, windowMs });
    for (const seq of [1, 2, 3]) await keep(bench.broker, hold, message(seq), { ...bounds, messages: 2 });
    expect(await ask(0)).toEqual({ refused: 'incomplete' });
    const one = await ask(1);
    expect(one).toMatchObject({ frames: ['frame 2', 'frame 3'] });
    const mine = { session: owner.session, epoch: 'refused' in one ? 0 : one.epoch };
    await keep(bench.broker, mine, message(4, { frame: 'ä'.repeat(10) }), { ...bounds, bytes: 28 });
    const two = await ask(2);
    expect(two).toMatchObject({ frames: ['frame 3', 'ä'.repeat(10)] });
    const last = { session: owner.session, epoch: 'refused' in two ? 0 : two.epoch };
    await keep(bench.broker, last, message(5, { frame: 'x'.repeat(29) }), { ...bounds, bytes: 28 });
    expect(await ask(4)).toEqual({ refused: 'incomplete' });
    expect(await ask(5)).toMatchObject({ frames: [], seq: 5 });
  });

  test('a message that does not follow the last one begins anew: what lies between is not pretended to be whole', async () => {
    await using bench = await make();
    const hold = await begun(bench.broker);
    const { sessions } = bench.broker;
    await keep(bench.broker, hold, message(1));
    await keep(bench.broker, hold, message(4));
    const ask = (lastSeq: number) => sessions.takeOver(owner, { edge: 'e2', lastSeq, windowMs });
    for (const lastSeq of [0, 1, 2]) expect(await ask(lastSeq)).toEqual({ refused: 'incomplete' });
    expect(await ask(3)).toMatchObject({ frames: ['frame 4'] });
  });

  test('a message that comes again, or late, changes nothing', async () => {
    await using bench = await make();
    const hold = await begun(bench.broker);
    for (const seq of [1, 2, 3]) await keep(bench.broker, hold, message(seq));
    for (const seq of [2, 3]) expect(await keep(bench.broker, hold, message(seq, { frame: 'again' }))).toBe('kept');
    expect(await resumed(bench.broker, 0)).toMatchObject({
      seq: 3,
      stored: 30,
      frames: ['frame 1', 'frame 2', 'frame 3'],
    });
  });

  test('a session is forgotten when its window is over, and every sign of life prolongs it', async () => {
    await using bench = await make();
    const hold = await begun(bench.broker);
    const { sessions } = bench.broker;
    await accept(bench.broker, hold, 'm1');
    for (let round = 0; round < 3; round += 1) {
      await bench.elapse(6000);
      if (round === 0) await sessions.renew([hold], windowMs);
      if (round === 1) await keep(bench.broker, hold, message(1));
    }
    expect(await accept(bench.broker, hold, 'm2')).toBe('kept');
    await bench.elapse(windowMs);
    expect(await accept(bench.broker, hold, 'm3')).toBe('unknown');
    expect(await keep(bench.broker, hold, message(2))).toBe('unknown');
    expect(await sessions.renew([hold], windowMs)).toEqual([]);
    const again = await epochOf(sessions.begin(owner, { ...beginning, seq: 7, stored: 70 }));
    expect(await resumed(bench.broker, 7)).toMatchObject({ seq: 7, stored: 70, accepted: [], frames: [] });
    expect(again).toBeGreaterThan(hold.epoch);
  });

  test('after its end nothing is kept', async () => {
    await using bench = await make();
    const hold = await begun(bench.broker);
    const { sessions } = bench.broker;
    await accept(bench.broker, hold, 'm1');
    await keep(bench.broker, hold, message(1));
    await sessions.end(hold);
    expect(await sessions.takeOver(owner, { edge: 'e2', lastSeq: 0, windowMs })).toEqual({ refused: 'unknown' });
  });

  test('all sessions together keep so many bytes: a new one is refused, and of those there are the oldest messages give way', async () => {
    // In each of the eight partitions: two sessions of 1 KiB and 2,000 bytes of frames. These three share one.
    await using bench = await make({ sessionsBytes: 8 * (2 * 1024 + 2000) });
    const { sessions } = bench.broker;
    const [first, second, third] = ['s1', 's9', 's12'].map((session) => ({ ...owner, session })) as [Of, Of, Of];
    const holdOf = async (of: Of) => ({ session: of.session, epoch: await epochOf(sessions.begin(of, beginning)) });
    const [one, other] = [await holdOf(first), await holdOf(second)];
    const frame = 'x'.repeat(900);
    expect(await keep(bench.broker, one, message(1, { frame }))).toBe('kept');
    expect(await keep(bench.broker, other, message(1, { frame }))).toBe('kept');
    expect(await keep(bench.broker, one, message(2, { frame }))).toBe('full');
    expect(await sessions.begin(third, beginning)).toEqual({ refused: 'full' });
    const ask = (of: Of, lastSeq: number) => sessions.takeOver(of, { edge: 'e2', lastSeq, windowMs });
    expect(await ask(first, 0)).toEqual({ refused: 'incomplete' });
    expect(await ask(first, 1)).toMatchObject({ seq: 2, frames: [frame] });
    expect(await ask(second, 0)).toMatchObject({ seq: 1, frames: [frame] });
    expect(await ask(third, 0)).toEqual({ refused: 'unknown' });
  });

  test('what ends, runs out or was confirmed makes room for others', async () => {
    await using bench = await make({ sessionsBytes: 8 * 2048 });
    const { sessions } = bench.broker;
    const [first, second] = ['s1', 's9'].map((session) => ({ ...owner, session })) as [Of, Of];
    const hold = { session: 's1', epoch: await epochOf(sessions.begin(first, beginning)) };
    expect(await keep(bench.broker, hold, message(1, { frame: 'x'.repeat(900) }))).toBe('kept');
    expect(await sessions.begin(second, beginning)).toEqual({ refused: 'full' });
    await sessions.received(hold, 1);
    const next = { session: 's9', epoch: await epochOf(sessions.begin(second, beginning)) };
    expect(await keep(bench.broker, hold, message(2))).toBe('full');
    await sessions.end(next);
    expect(await keep(bench.broker, hold, message(3))).toBe('kept');
    expect(await sessions.begin(second, beginning)).toEqual({ refused: 'full' });
    await bench.elapse(windowMs);
    expect(await epochOf(sessions.begin(second, beginning))).toBeGreaterThan(0);
  });
}
