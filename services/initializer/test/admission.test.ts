import type { InstanceKey, StartJob } from '@reveille/contracts';
import { expect, test } from 'vitest';
import { Admission } from '../src/start/admission.ts';
import { logger } from './claimed-start.ts';

const looked = undefined as never;

function job(service: string): StartJob {
  return { version: 1, kind: 'start', instance: `${service}~global` as InstanceKey, generation: 1, attempt: 1 };
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

test('a job of the queue waits for a place that was taken otherwise', async () => {
  const { starter, names, end } = starts();
  const admission = new Admission({ starter, places: 1, logger });
  expect(admission.now(job('a'), looked)).toBe(true);
  const queued = admission.queued(job('b'));
  expect(names()).toEqual(['a~global']);
  end('a');
  await expect.poll(names).toEqual(['b~global']);
  expect(admission.now(job('c'), looked)).toBe(false);
  end('b');
  await queued;
  expect(admission.now(job('c'), looked)).toBe(true);
});

test('a start that fails gives its place back', async () => {
  const { starter, fail } = starts();
  const admission = new Admission({ starter, places: 1, logger });
  const queued = admission.queued(job('a'));
  fail('a');
  await expect(queued).rejects.toThrow('it failed');
  expect(admission.now(job('b'), looked)).toBe(true);
});

test('once starts are let go nothing is taken any more, and what waits for a place is left to others', async () => {
  const { starter, names, shutDown } = starts();
  const admission = new Admission({ starter, places: 1, logger });
  admission.now(job('a'), looked);
  const queued = admission.queued(job('b'));
  shutDown();
  await expect(queued).rejects.toThrow('over');
  expect(new Admission({ starter, places: 1, logger }).now(job('c'), looked)).toBe(false);
  expect(names()).toEqual(['a~global']);
});
