import type { JournalEntry } from '@reveille/contracts';
import { expect, test } from 'vitest';
import type { MakeBench } from './bench.ts';
import { Inbox } from './inbox.ts';
import { entryOf, instanceOf } from './samples.ts';

const agent = instanceOf('agent');

export function routerConformance(make: MakeBench): void {
  test('an edge is told that changes may have been lost, and no other one', async () => {
    await using bench = await make();
    const [first, second] = [new Inbox<string>(), new Inbox<string>()];
    const onEntry = (): void => undefined;
    await using _one = await bench.broker.router.subscribe('e1', { onEntry, onGap: first.put });
    await using _two = await bench.broker.router.subscribe('e2', { onEntry, onGap: second.put });
    await bench.broker.router.publishGap('e1');
    await bench.broker.router.publishGap('e2');
    expect([await first.count(1), await second.count(1)]).toEqual([['trimmed'], ['trimmed']]);
    expect(first.all).toHaveLength(1);
  });

  test('entries reach the edge they are for, in another process, and no other', async () => {
    await using bench = await make();
    const relay = await bench.another();
    const [first, second] = [new Inbox<JournalEntry>(), new Inbox<JournalEntry>()];
    const onGap = (): void => undefined;
    await using _one = await bench.broker.router.subscribe('e1', { onEntry: first.put, onGap });
    await using _two = await bench.broker.router.subscribe('e2', { onEntry: second.put, onGap });
    await relay.router.publish('e1', [entryOf(agent, 1), entryOf(agent, 2)]);
    await relay.router.publish('e2', [entryOf(agent, 3)]);
    expect((await first.count(2)).map(({ record }) => record.revision)).toEqual([1, 2]);
    expect(await second.count(1)).toEqual([entryOf(agent, 3)]);
    expect(first.all).toHaveLength(2);
  });

  test('more than one message can carry arrives whole', async () => {
    await using bench = await make();
    const inbox = new Inbox<JournalEntry>();
    await using _ = await bench.broker.router.subscribe('e1', { onEntry: inbox.put, onGap: () => undefined });
    const entries = Array.from({ length: 250 }, (_, n) => entryOf(agent, n + 1, { catalog: 'x'.repeat(5000) }));
    await bench.broker.router.publish('e1', entries);
    const heard = await inbox.count(250);
    expect(heard.map(({ record }) => record.revision).sort((a, b) => a - b)).toEqual(entries.map(({ at }) => at));
  });

  test('what is published for an edge that is gone goes nowhere', async () => {
    await using bench = await make();
    const [gone, here] = [new Inbox<JournalEntry>(), new Inbox<JournalEntry>()];
    const subscription = await bench.broker.router.subscribe('e1', { onEntry: gone.put, onGap: () => undefined });
    await subscription[Symbol.asyncDispose]();
    await using _ = await bench.broker.router.subscribe('e2', { onEntry: here.put, onGap: () => undefined });
    await bench.broker.router.publish('e1', [entryOf(agent, 1)]);
    await bench.broker.router.publish('e2', [entryOf(agent, 2)]);
    await here.count(1);
    expect(gone.all).toEqual([]);
  });

  test.each(['>', 'a.b', '*', 'E1', ''])('%o is no name of an edge', async (name) => {
    await using bench = await make();
    const listener = { onEntry: () => undefined, onGap: () => undefined };
    await expect(bench.broker.router.subscribe(name, listener)).rejects.toThrow(TypeError);
    await expect(bench.broker.router.publish(name, [entryOf(agent, 1)])).rejects.toThrow(TypeError);
  });
}
