import { expect, test } from 'vitest';
import { Stopper } from '../src/stop/stopper.ts';
import { ClaimedStart, db, identity, logger, spec } from './claimed-start.ts';

/** Stops the claimed start, of which something may be left. What the ledger says afterwards, and whom a look was asked for. */
async function stopped(isEnded: boolean, order: string[] = []) {
  await using start = await ClaimedStart.make();
  const woken: string[] = [];
  const reconciler = {
    commands: start.commands,
    wake: (instances: readonly string[]) => woken.push(...instances),
    places: { hold: () => undefined },
  };
  const runs = {
    end: async () => {
      order.push('end');
      return isEnded;
    },
  };
  // What is on its way is not there to be found yet.
  const cease = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    order.push('ceased');
  };
  await using stopper = new Stopper({
    broker: start.broker,
    reconciler: reconciler as never,
    runs,
    cease,
    owner: 'me',
    logger,
  });
  await stopper.stop(await start.reading(), { identity, spec } as never, 'lost');
  const { record } = await start.reading();
  return { state: record?.state, woken };
}

test('what has ended is said to be stopped, what may still run is not: its next generation waits', async () => {
  expect(await stopped(true)).toEqual({ state: 'cold', woken: [db] });
  expect(await stopped(false)).toEqual({ state: 'stopping', woken: [db] });
});

test('what is still being started for it has ceased before its runs are ended', async () => {
  const order: string[] = [];
  await stopped(true, order);
  expect(order).toEqual(['ceased', 'end']);
});
