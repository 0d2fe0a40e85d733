import { startJob, type StartJob } from '@reveille/contracts';
import { expect, test } from 'vitest';
import { Admission } from '../src/start/admission.ts';
import { logger } from './claimed-start.ts';

const looked = undefined as never;

function job(service: string): StartJob {
  return startJob.parse({ version: 1, kind: 'start', instance: `${service}~global`, generation: 1, attempt: 1 });
}

/** Starts that last until they are ended by name. */
function starts() {
  const underWay = new Map<string, PromiseWithResolvers<void>>();
  const shutdown = new AbortController();
  return {
    starter: {
      ending: shutdown.signal,
      run: ({ instance }: StartJob) => {
        const start = Promise.withResolvers<void>();
        underWay.set(instance, start);
        return start.promise.finally(() => underWay.delete(instance));
      },
    },
    names: () => [...underWay.keys()],
    end: (service: string) => underWay.get(`${service}~global`)?.resolve(),
    fail: (service: string) => underWay.get(`${service}~global`)?.reject(new Error('it failed')),
    shutDown: () => shutdown.abort(new Error('over')),
  };
}

test('a start that was looked at is taken at once while there is room, else it is left to the queue', async () => {
  const { starter, names, end } = starts();
  const admission = new Admission({ starter, places: 2, logger });
  expect(['a', 'b', 'c'].map((one) => admission.now(job(one), looked))).toEqual([true, true, false]);
  expect(names()).toEqual(['a~global', 'b~global']);
  end('a');
  await expect.poll(() => admission.now(job('c'), looked)).toBe(true);
});

test('whoever has its turn waits for a place that was taken otherwise', async () => {
  const { starter, names, end } = starts();
  const admission = new Admission({ starter, places: 1, logger });
  expect(admission.now(job('a'), looked)).toBe(true);
  const waiting = admission.place();
  expect(names()).toEqual(['a~global']);
  end('a');
  const place = await waiting;
  expect(admission.now(job('c'), looked)).toBe(false);
  place[Symbol.dispose]();
  expect(admission.now(job('c'), looked)).toBe(true);
});

test('a start that fails gives its place back', async () => {
  const { starter, fail } = starts();
  const admission = new Admission({ starter, places: 1, logger });
  admission.now(job('a'), looked);
  fail('a');
  await expect.poll(() => admission.now(job('b'), looked)).toBe(true);
});

test('where limits hold over all initializers nothing is taken past the line', () => {
  const admission = new Admission({ starter: starts().starter, places: 2, limited: true, logger });
  expect(admission.now(job('a'), looked)).toBe(false);
});

test('once starts are let go nothing is taken any more, and what waits for a place is left to others', async () => {
  const { starter, names, shutDown } = starts();
  const admission = new Admission({ starter, places: 1, logger });
  admission.now(job('a'), looked);
  const queued = admission.place();
  shutDown();
  await expect(queued).rejects.toThrow('over');
  expect(new Admission({ starter, places: 1, logger }).now(job('c'), looked)).toBe(false);
  expect(names()).toEqual(['a~global']);
});
