import type { InstanceKey } from '@reveille/contracts';
import type { Broker, Reading } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import type { MakeBench } from './bench.ts';
import { commitOn, instanceOf, originOf, recordOf } from './samples.ts';

const agent = instanceOf('agent');
const tools = instanceOf('tools');

export async function readOne({ ledger }: Broker, instance: InstanceKey): Promise<Reading> {
  const [reading] = await ledger.read([instance]);
  if (reading === undefined) throw new Error('no reading');
  return reading;
}

export async function wantOne(
  { ledger }: Broker,
  edge: string,
  instance: InstanceKey,
  ttlMs = 10_000,
): Promise<Reading> {
  const [reading] = await ledger.want(edge, [instance], ttlMs);
  if (reading === undefined) throw new Error('no reading');
  return reading;
}

export async function dueAll({ ledger }: Broker): Promise<InstanceKey[]> {
  const all = await Promise.all(
    Array.from({ length: ledger.partitions }, (_, partition) => ledger.due(partition, 100)),
  );
  return all.flat().sort();
}

export async function listAll({ ledger }: Broker): Promise<InstanceKey[]> {
  const all: InstanceKey[] = [];
  for await (const instance of ledger.list()) all.push(instance);
  return all;
}

export function ledgerConformance(make: MakeBench): void {
  test('an instance that nobody ever wanted has token 0 and nothing else', async () => {
    await using bench = await make();
    const reading = await readOne(bench.broker, agent);
    expect(reading).toMatchObject({ instance: agent, token: 0, record: undefined, interest: [], lease: undefined });
    expect(Math.floor(reading.nowUs / 1000)).toBe(reading.now);
  });

  test('several instances are read in the order asked for', async () => {
    await using bench = await make();
    const readings = await bench.broker.ledger.want('e1', [tools, agent, instanceOf('llm')], 10_000);
    expect(readings.map(({ instance }) => instance)).toEqual([tools, agent, instanceOf('llm')]);
  });

  test('a new edge changes the token, its renewal does not', async () => {
    await using bench = await make();
    const first = await wantOne(bench.broker, 'e1', agent);
    const renewed = await wantOne(bench.broker, 'e1', agent);
    const second = await wantOne(bench.broker, 'e2', agent);
    expect(first.token).toBeGreaterThan(0);
    expect(renewed.token).toBe(first.token);
    expect(second.token).toBeGreaterThan(first.token);
    expect(second.interest.map(({ edge }) => edge).sort()).toEqual(['e1', 'e2']);
  });

  test('an edge whose interest ran out joins anew', async () => {
    await using bench = await make();
    const first = await wantOne(bench.broker, 'e1', agent, 5000);
    await bench.elapse(5000);
    expect((await readOne(bench.broker, agent)).interest).toEqual([]);
    expect((await wantOne(bench.broker, 'e1', agent, 5000)).token).toBeGreaterThan(first.token);
  });

  test('what was committed is read back, under a new token', async () => {
    await using bench = await make();
    const before = await wantOne(bench.broker, 'e1', agent);
    const commit = commitOn(before, { record: { state: 'starting', epoch: 5, owner: 'i1', dependencies: [tools] } });
    expect(await bench.broker.ledger.commit(commit)).toMatchObject({ committed: true, token: commit.record.revision });
    const after = await readOne(bench.broker, agent);
    expect(after.record).toEqual(commit.record);
    expect(after.token).toBe(commit.record.revision);
  });

  test('a commit on an older token changes nothing', async () => {
    await using bench = await make();
    const before = await readOne(bench.broker, agent);
    await bench.broker.ledger.commit(commitOn(before));
    const late = commitOn(before, { record: { state: 'failed' }, lease: { owner: 'i1', ttlMs: 8000 }, attendInMs: 0 });
    expect(await bench.broker.ledger.commit(late)).toEqual({ committed: false });
    expect(await readOne(bench.broker, agent)).toMatchObject({ record: { state: 'waiting' }, lease: undefined });
    expect(await dueAll(bench.broker)).toEqual([]);
  });

  test('a cancel decided before somebody joined conflicts', async () => {
    await using bench = await make();
    await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, agent)));
    const alone = await readOne(bench.broker, agent);
    await wantOne(bench.broker, 'e1', agent);
    expect(await bench.broker.ledger.commit(commitOn(alone, { record: { state: 'cold' } }))).toEqual({
      committed: false,
    });
  });

  test('of a hundred commits on one token exactly one is made', async () => {
    await using bench = await make();
    const other = await bench.another();
    const before = await wantOne(bench.broker, 'e1', agent);
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        (n % 2 === 0 ? bench.broker : other).ledger.commit(commitOn(before, { record: { owner: `i${n}` } })),
      ),
    );
    const winners = results.flatMap(({ committed }, n) => (committed ? [`i${n}`] : []));
    expect(winners).toHaveLength(1);
    expect((await readOne(bench.broker, agent)).record?.owner).toBe(winners[0]);
  });

  test('a herd of edges joins, each once, and every join is seen', async () => {
    await using bench = await make();
    const edges = Array.from({ length: 50 }, (_, n) => `e${n}`);
    const readings = await Promise.all([...edges, ...edges].map((edge) => wantOne(bench.broker, edge, agent)));
    expect(new Set(readings.map(({ token }) => token)).size).toBe(50);
    expect((await readOne(bench.broker, agent)).interest).toHaveLength(50);
  });

  test('the edge that joins first says which initialization begins, and all who join before the next commit read that', async () => {
    await using bench = await make();
    const { ledger } = bench.broker;
    const announce = async (edge: string) =>
      (await ledger.want(edge, [agent], 10_000, originOf(edge))).map(({ announced }) => announced?.origin);
    expect(await announce('e1')).toEqual([originOf('e1')]);
    expect(await announce('e2')).toEqual([originOf('e1')]);
    const reading = await readOne(bench.broker, agent);
    expect(reading.announced).toEqual({ origin: originOf('e1'), at: expect.any(Number) });
    expect(Math.abs((reading.announced?.at ?? 0) - reading.now)).toBeLessThan(60_000);
    await ledger.commit(commitOn(reading));
    expect((await readOne(bench.broker, agent)).announced).toBeUndefined();
    expect(await announce('e2')).toEqual([undefined]);
    expect(await announce('e3')).toEqual([originOf('e3')]);
  });

  test('what was announced and never begun gives way after the time of an interest', async () => {
    await using bench = await make();
    const { ledger } = bench.broker;
    await ledger.want('e1', [agent], 5000, originOf('e1'));
    await bench.elapse(5000);
    const [reading] = await ledger.want('e2', [agent], 5000, originOf('e2'));
    expect(reading?.announced?.origin).toEqual(originOf('e2'));
  });

  test('an edge that leaves is no longer interested, and the sweep looks at once', async () => {
    await using bench = await make();
    await bench.broker.ledger.commit(commitOn(await wantOne(bench.broker, 'e1', agent)));
    expect(await dueAll(bench.broker)).toEqual([]);
    await bench.broker.ledger.unwant('e1', [agent, tools]);
    expect((await readOne(bench.broker, agent)).interest).toEqual([]);
    expect(await dueAll(bench.broker)).toEqual([agent]);
  });

  test('a revision that does not rise, and a record of a megabyte, are refused', async () => {
    await using bench = await make();
    const reading = await wantOne(bench.broker, 'e1', agent);
    const stale = { ...commitOn(reading), record: recordOf(agent, { revision: reading.token }) };
    await expect(bench.broker.ledger.commit(stale)).rejects.toThrow(RangeError);
    const huge = commitOn(reading, { record: { catalog: 'x'.repeat(1024 * 1024) } });
    await expect(bench.broker.ledger.commit(huge)).rejects.toThrow(/at most 262144 are stored/);
  });

  test('every instance with a record is listed, those only wanted are not', async () => {
    await using bench = await make();
    const committed = Array.from({ length: 150 }, (_, n) => instanceOf(`s${n}`));
    const readings = await bench.broker.ledger.read(committed);
    await Promise.all(readings.map((reading) => bench.broker.ledger.commit(commitOn(reading))));
    await wantOne(bench.broker, 'e1', agent);
    const listed = await listAll(bench.broker);
    expect(listed.sort()).toEqual(committed.sort());
  });

  test('a record is forgotten when its time has come', async () => {
    await using bench = await make();
    await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, agent), { forgetInMs: 5000, attendInMs: 0 }));
    await bench.elapse(6000);
    expect(await readOne(bench.broker, agent)).toMatchObject({ token: 0, record: undefined });
    expect(await listAll(bench.broker)).toEqual([]);
    expect(await dueAll(bench.broker)).toEqual([]);
  });

  test('what is wanted again, or committed again, is not forgotten', async () => {
    await using bench = await make();
    for (const instance of [agent, tools]) {
      await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, instance), { forgetInMs: 5000 }));
    }
    await wantOne(bench.broker, 'e1', agent);
    await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, tools)));
    await bench.elapse(6000);
    expect((await bench.broker.ledger.read([agent, tools])).map(({ record }) => record?.state)).toEqual([
      'waiting',
      'waiting',
    ]);
  });

  test.each([
    ['no JSON', '{"version":1,'],
    ['a later version', JSON.stringify({ ...recordOf(agent), version: 2 })],
    ['the record of another instance', JSON.stringify(recordOf(tools))],
    ['something foreign', '"hello"'],
  ])('%s counts as absent and can be replaced', async (_, text) => {
    await using bench = await make();
    await bench.putText(agent, text);
    const reading = await readOne(bench.broker, agent);
    expect(reading.record).toBeUndefined();
    expect(await bench.broker.ledger.commit(commitOn(reading))).toMatchObject({ committed: true });
    expect((await readOne(bench.broker, agent)).record?.state).toBe('waiting');
  });
}
