import type { Running } from '@reveille/orchestration';
import { expect, it } from 'vitest';
import { RunTurns } from '../src/run-turns.ts';
import { requestOf } from './support/start-request.ts';
import { context, never } from './support/test-driver.ts';

const request = requestOf({ docker: { image: 'x' } });
const running = { name: request.name } as Running;

it('of two starts that wait for the same end the second waits for the first', async () => {
  const turns = new RunTurns();
  const ended = Promise.withResolvers<{ stopped: true }>();
  const stopped = turns.stop(request.name, never(), () => ended.promise);
  let atOnce = 0;
  let most = 0;
  const start = (): Promise<Running> =>
    turns.start(request, context(), async () => {
      most = Math.max(most, (atOnce += 1));
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      return running;
    });
  const starts = [start(), start(), start()];
  expect(most).toBe(0);
  ended.resolve({ stopped: true });
  expect(await stopped).toEqual({ stopped: true });
  expect(await Promise.all(starts)).toEqual([running, running, running]);
  expect(most).toBe(1);
});

it('an end has the start under way given up, and comes after it; a second end joins it', async () => {
  const turns = new RunTurns();
  const order: string[] = [];
  const start = turns.start(request, context(), async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    order.push('given up');
    throw signal.reason;
  });
  const end = async (): Promise<{ stopped: true }> => (order.push('ended'), { stopped: true });
  const ends = [turns.stop(request.name, never(), end), turns.stop(request.name, never(), end)];
  await expect(start).rejects.toMatchObject({ code: 'cancelled' });
  expect(await Promise.all(ends)).toEqual([{ stopped: true }, { stopped: true }]);
  expect(order).toEqual(['given up', 'ended']);
});

it('an end that fails is an outcome in words, and a caller that leaves does not stop it', async () => {
  const turns = new RunTurns();
  const failing = turns.stop(request.name, never(), () => Promise.reject(new Error('the Engine is away')));
  expect(await failing).toEqual({ stopped: false, reason: 'the Engine is away' });
  const ended = Promise.withResolvers<{ stopped: true }>();
  const left = turns.stop(request.name, AbortSignal.abort(), () => ended.promise);
  expect(await left).toEqual({ stopped: false, reason: `the wait for ${request.name} to end was given up` });
  let isClosed = false;
  const closed = turns.close().then(() => (isClosed = true));
  await Promise.resolve();
  expect(isClosed).toBe(false);
  ended.resolve({ stopped: true });
  await closed;
});
