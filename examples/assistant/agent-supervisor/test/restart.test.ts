import { expect, it } from 'vitest';
import { ask, completed, dataFolder, startAssistant } from './support/assistant.ts';
import { sumsOf, usageTable } from './support/usage-table.ts';

/** The embedded database is created once and opened once. */
const TIMEOUT_MS = 300_000;

it(
  'a follow-up question finds the tables of the conversation after all services have started anew',
  { timeout: TIMEOUT_MS },
  async () => {
    await using data = await dataFolder();
    const session = 'outlives';
    const [may, june] = [usageTable({ rows: 20, seed: 5 }), usageTable({ rows: 30, seed: 6 })];
    {
      await using before = await startAssistant({ data: data.path });
      for (const [name, content] of [
        ['may.csv', may],
        ['june.csv', june],
      ] as const)
        completed(await ask(before.supervisor.url, { session, text: 'Summary', files: [{ name, content }] }));
    }
    await using after = await startAssistant({ data: data.path });
    const answer = async (text: string) =>
      completed(await ask(after.supervisor.url, { session, text })).result.analysis_results;
    expect((await answer('And the peaks?')).totals).toEqual(sumsOf(june));
    expect((await answer('And in may.csv?')).totals).toEqual(sumsOf(may));
    expect((await answer('Compare with the table before')).tools.compare_tables).toMatchObject({
      before: { name: 'may.csv', totals: sumsOf(may) },
      now: { name: 'june.csv', totals: sumsOf(june) },
    });
  },
);
