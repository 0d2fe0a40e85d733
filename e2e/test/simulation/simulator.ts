/** A process that simulates: one cluster for each seed that its parent sends, and it ends with its parent. Started by `simulators.ts`. */
import { simulate } from './simulate.ts';

process.on('disconnect', () => process.exit(1));
process.on('message', async (seed: number) => {
  const result = await simulate(seed);
  process.send?.({ seed, ...result });
});
