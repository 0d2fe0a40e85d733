import type { Figure } from '../measure/figure.ts';
import { goesOn } from '../measure/rounds.ts';
import { meanOf, medianOf, spreadOf } from '../measure/samples.ts';
import { Stage } from '../stage/stage.ts';
import { assistantCatalog, assistantStage, planOfChat } from './assistant.ts';
import { type ColdStart, coldStart } from './cold-start.ts';
import { phasesOf } from './phases.ts';

/** What a level may add to what its services need themselves (ms), and how much of that may be added besides. */
const perLevelMs = 15;
const share = 1.05;
/** Time for all rounds. */
const budgetMs = 60_000;
/** What the predecessor of this product needed. */
const predecessor = 'its predecessor: 4.3 s to import its modules, 89 MB more, a promise of 2–10 s';

/** The reference application from cold, beside what its services need by themselves. */
export const cold: Figure = {
  name: 'cold',
  about: 'hello → initialization_completed of the assistant, beside the critical path of its services’ own starts',
  async measure({ quick, signal }) {
    const catalog = await assistantCatalog();
    const plan = planOfChat(catalog);
    await using stage = await Stage.open(assistantStage(catalog));
    const starts: ColdStart[] = [];
    let firstMs = 0;
    const until = performance.now() + budgetMs;
    for (let round = 0; goesOn({ done: round - 1, wanted: quick ? 1 : 8, enough: quick ? 1 : 3, until }); round += 1) {
      signal.throwIfAborted();
      const start = await coldStart(stage, { ...plan, entrypoint: 'chat', user: `user-${round}`, signal });
      // The first one creates the database and fills the compile cache: told apart, since no other start is like it.
      if (round === 0) firstMs = start.totalMs;
      else starts.push(start);
    }
    const allowed = starts.map(({ ownMs }) => share * ownMs + perLevelMs * plan.levels);
    const ratios = starts.map(({ totalMs }, round) => totalMs / (allowed[round] ?? 0));
    const total = spreadOf(starts.map(({ totalMs }) => totalMs));
    const own = spreadOf(starts.map(({ ownMs }) => ownMs));
    return {
      rows: [
        {
          figure: 'cold',
          what: 'assistant from cold, hello → completed',
          ours: total,
          unit: 'ms',
          reference: {
            what: `${share} × own critical path + ${perLevelMs} ms × ${plan.levels} levels`,
            value: spreadOf(allowed),
            unit: 'ms',
          },
          ratio: medianOf(ratios),
          target: { is: 'at_most', ratio: 1 },
        },
      ],
      breakdowns: [{ title: 'Where a cold start of the assistant goes', unit: 'ms', parts: phasesOf(starts) }],
      notes: [
        `Cold start of the assistant: ${seconds(total.median)} from hello to completed (${seconds(firstMs)} the very first time, with an empty compile cache and no database yet); ` +
          `its services need ${seconds(own.median)} of that themselves, so all that Reveille adds is ${meanOf(starts.map(({ totalMs, ownMs }) => totalMs - ownMs)).toFixed(0)} ms over ${plan.levels} levels. For comparison, ${predecessor}.`,
      ],
    };
  },
};

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
