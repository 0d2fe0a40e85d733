import { expect, it } from 'vitest';
import { shareNext } from '../../src/process/share-next.ts';

it('those who ask during a run share the next one, and none gets an answer that began before it asked', async () => {
  const runs: PromiseWithResolvers<string>[] = [];
  const ask = shareNext(() => {
    const run = Promise.withResolvers<string>();
    runs.push(run);
    return run.promise;
  });
  const first = ask();
  const [second, third] = [ask(), ask()];
  expect(runs).toHaveLength(1);
  runs[0]?.reject(new Error('the first fails'));
  await expect(first).rejects.toThrow('the first fails');
  await expect.poll(() => runs.length).toBe(2);
  runs[1]?.resolve('fresh');
  expect(await Promise.all([second, third])).toEqual(['fresh', 'fresh']);
});
