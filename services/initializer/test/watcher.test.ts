import type { Exit, Running } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import { Watcher } from '../src/watch/watcher.ts';
import { ClaimedStart, db, logger, spec } from './claimed-start.ts';

const endpoint = { url: 'http://127.0.0.1:9', host: '127.0.0.1', port: 9 };

/** `me` watches what it started; `lost` is what it says again. */
async function watching(start: ClaimedStart, { owner = 'me', running }: { owner?: string; running?: Running } = {}) {
  const failOver = start.broker.replica();
  const { epoch } = start.record;
  await start.commit({ kind: 'ready', epoch, owner: 'me', endpoint, publicKey: 'key' });
  const { record } = await start.reading();
  const watcher = new Watcher({
    broker: start.broker,
    reconciler: { commands: start.commands, reconcile: async () => undefined } as never,
    hosts: { mayActOn: async () => true } as never,
    access: { find: async () => 'unseen' } as never,
    ...{ owner, logger, metrics: undefined as never },
  });
  if (record) watcher.watch(record, { spec } as never, running);
  return { watcher, failOver };
}

test('that a service is ready is said again by who watches it when a failover has lost it', async () => {
  await using start = await ClaimedStart.make();
  const { watcher, failOver } = await watching(start);
  await using _ = watcher;
  failOver();
  expect((await start.reading()).record).toMatchObject({ state: 'starting', owner: 'me' });
  await watcher.readyAgain(await start.reading());
  const { generation } = start.record;
  expect((await start.reading()).record).toMatchObject({ state: 'ready', generation, endpoint, publicKey: 'key' });
});

test('a look from before it was ready, and a start of another, are left alone', async () => {
  await using start = await ClaimedStart.make();
  const before = await start.reading();
  const { watcher } = await watching(start);
  await using _ = watcher;
  const ready = await start.reading();
  await watcher.readyAgain(before);
  expect((await start.reading()).token).toBe(ready.token);

  await using other = await ClaimedStart.make();
  const { watcher: stranger, failOver } = await watching(other, { owner: 'somebody else' });
  await using __ = stranger;
  failOver();
  await stranger.readyAgain(await other.reading());
  expect((await other.reading()).record).toMatchObject({ state: 'starting', instance: db });
});

test('what is being stopped is watched no more, and its end is no loss', async () => {
  await using start = await ClaimedStart.make();
  const { promise: exited, resolve: exit } = Promise.withResolvers<Exit>();
  const running = { exited, logs: () => [] } as Partial<Running> as Running;
  const { watcher } = await watching(start, { running });
  await using _ = watcher;
  expect(watcher.watched()).toHaveLength(1);
  watcher.release(db);
  expect(watcher.watched()).toEqual([]);
  const before = await start.reading();
  exit({ code: 0, signal: null });
  await new Promise((resolve) => setImmediate(resolve));
  expect((await start.reading()).token).toBe(before.token);
});
