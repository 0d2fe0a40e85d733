import { afterEach, describe, expect, it } from 'vitest';
import type { Job, Progress } from '../../src/work/job.ts';
import { WorkerPool } from '../../src/work/worker-pool.ts';
import { largeTable } from '../support/large-table.ts';

let pool: WorkerPool;
afterEach(() => pool[Symbol.asyncDispose]());

const large = largeTable(200_000);
const small = 'input_tokens,output_tokens\n1,2\n3,4\n';
const never = new AbortController().signal;
const job = (content: string, key: string, tool = 'describe_data'): Job => ({
  tool,
  args: {},
  table: { key, content },
});
const quiet = (): void => undefined;

/** A job over the large table, and a promise that resolves when its worker has told that it is at it. */
function begin(key: string, signal: AbortSignal): { result: Promise<unknown>; atWork: Promise<Progress> } {
  const { promise, resolve } = Promise.withResolvers<Progress>();
  return { result: pool.run(job(large, key), signal, resolve), atWork: promise };
}

describe('the worker pool', () => {
  it('computes in threads while this one goes on, and tells how far they are', async () => {
    pool = new WorkerPool({ mostWorkers: 1 });
    const told: Progress[] = [];
    let turns = 0;
    const turning = setInterval(() => (turns += 1), 1);
    const atFirstWord = Promise.withResolvers<number>();
    const result = pool.run(job(large, 'a'), never, (progress) => {
      told.push(progress);
      atFirstWord.resolve(turns);
    });
    const before = await atFirstWord.promise;
    expect(await result).toMatchObject({ ok: true, value: { totals: { requests: 200_000 } } });
    clearInterval(turning);
    // Were it computed here, no timer would have fired between the first word and the result.
    expect(turns).toBeGreaterThan(before);
    expect(told.map(({ percent }) => percent)).toEqual(told.map(({ percent }) => percent).toSorted((a, b) => a - b));
    expect(told.at(-1)?.percent).toBeLessThanOrEqual(100);
    // Words come so many times a second: on a fast machine the lines are read before the first.
    expect(told.map(({ detail }) => detail).join()).toMatch(/reading the (lines of the table|cells of 200000 rows)/);
  });

  it('ends the thread of a job that is cancelled, and works on with another', async () => {
    pool = new WorkerPool({ mostWorkers: 1 });
    const cancelled = new AbortController();
    const { result, atWork } = begin('a', cancelled.signal);
    await atWork;
    cancelled.abort(new Error('no more'));
    await expect(result).rejects.toThrow('no more');
    expect(pool.size).toEqual({ atWork: 0, idle: 0, waiting: 0 });
    expect(await pool.run(job(small, 'b'), never, quiet)).toMatchObject({ ok: true });
    expect(pool.size).toEqual({ atWork: 0, idle: 1, waiting: 0 });
  });

  it('lets a job wait when all workers are at work, tells it so, and gives it the next free one', async () => {
    pool = new WorkerPool({ mostWorkers: 1, mostWaiting: 2 });
    const cancelled = new AbortController();
    const first = begin('a', cancelled.signal);
    await first.atWork;
    const told: Progress[] = [];
    const second = pool.run(job(small, 'b'), never, (progress) => told.push(progress));
    const left = new AbortController();
    const third = pool.run(job(small, 'c'), left.signal, quiet);
    expect(told).toEqual([{ percent: 0, detail: 'waiting for a free worker, behind 0 others' }]);
    expect(pool.size).toEqual({ atWork: 1, idle: 0, waiting: 2 });
    // The queue is full.
    expect(await pool.run(job(small, 'd'), never, quiet)).toMatchObject({ ok: false, refusal: { code: 'too_busy' } });
    left.abort(new Error('left'));
    await expect(third).rejects.toThrow('left');
    cancelled.abort(new Error('no more'));
    await expect(first.result).rejects.toThrow('no more');
    expect(await second).toMatchObject({ ok: true });
  });

  it('reads a table once, until its session has ended', async () => {
    pool = new WorkerPool({ mostWorkers: 1 });
    await pool.run(job(small, 'mine/a'), never, quiet);
    // The worker asks only for tables that it does not have: this content would be refused.
    expect(await pool.run(job('', 'mine/a'), never, quiet)).toMatchObject({ ok: true });
    pool.forget('mine/');
    expect(await pool.run(job('', 'mine/a'), never, quiet)).toMatchObject({ refusal: { code: 'empty_table' } });
  });

  it('passes on what a tool throws, and goes on', async () => {
    pool = new WorkerPool({ mostWorkers: 1 });
    await expect(pool.run(job(small, 'a', 'nothing'), never, quiet)).rejects.toThrow('there is no tool nothing');
    expect(await pool.run(job(small, 'a'), never, quiet)).toMatchObject({ ok: true });
  });

  it('ends everything when it is disposed, also what waits', async () => {
    pool = new WorkerPool({ mostWorkers: 1 });
    const { result, atWork } = begin('a', never);
    await atWork;
    const waiting = pool.run(job(small, 'b'), never, quiet);
    const both = Promise.allSettled([result, waiting]);
    await pool[Symbol.asyncDispose]();
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(pool.size).toEqual({ atWork: 0, idle: 0, waiting: 0 });
  });
});
