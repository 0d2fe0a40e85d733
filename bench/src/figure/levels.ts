import type { Figure } from '../measure/figure.ts';
import { goesOn } from '../measure/rounds.ts';
import { spreadOf } from '../measure/samples.ts';
import { BullmqRoundTrip } from '../reference/bullmq-round-trip.ts';
import { chain, chainServices } from '../stage/catalogs.ts';
import { Stage } from '../stage/stage.ts';
import { coldStart } from './cold-start.ts';
import { phasesOf } from './phases.ts';

/** Time for all rounds. */
const budgetMs = 45_000;
/** Round trips of the reference in each round, right before and after a start. */
const referencesPerRound = 20;

/** What three levels of trivial services cost beyond the services' own time, beside BullMQ's round trip on the same Redis. */
export const levels: Figure = {
  name: 'levels',
  about: 'what a plan adds per level, beside BullMQ add → completed event',
  async measure({ quick, signal }) {
    await using stage = await Stage.open(chain);
    await using bullmq = await BullmqRoundTrip.open(stage.redis.port);
    const wanted = quick ? 4 : 20;
    const until = performance.now() + budgetMs;
    const perLevel: number[] = [];
    const references: number[] = [];
    const starts = [];
    // Two that do not count: the first fills the compile cache of the services, the second meets code that is compiled.
    for (let round = -2; goesOn({ done: round, wanted, enough: 4, until }); round += 1) {
      signal.throwIfAborted();
      const before: number[] = [];
      for (let one = 0; one < referencesPerRound; one += 1) before.push(await bullmq.measure());
      const start = await coldStart(stage, {
        entrypoint: 'chat',
        user: `user-${round}`,
        services: chainServices,
        dependsOn: { ground: [], middle: ['ground'], top: ['middle'] },
        signal,
      });
      if (round < 0) continue;
      references.push(...before);
      perLevel.push((start.totalMs - start.ownMs) / chainServices.length);
      starts.push(start);
    }
    const ours = spreadOf(perLevel);
    const reference = spreadOf(references);
    return {
      rows: [
        {
          figure: 'levels',
          what: 'added per level of a cold start',
          ours,
          unit: 'ms',
          reference: { what: 'BullMQ add → completed', value: reference, unit: 'ms' },
          ratio: ours.median / reference.median,
          target: { is: 'at_most', ratio: 6 },
        },
      ],
      breakdowns: [{ title: 'Where a cold start of three trivial levels goes', unit: 'ms', parts: phasesOf(starts) }],
    };
  },
};
