import { expect, test } from 'vitest';
import { startAssistant } from '../../src/assistant/assistant.ts';
import { resultOf, type RunEvent, User } from '../../src/assistant/user.ts';
import { seeded } from '../../src/seed.ts';
import { generatedTable } from '../../src/usage-table.ts';

test('a run ends when its user cancels it, through edge and bridge, and the next question is answered', async () => {
  await using cluster = await startAssistant();
  const ann = await User.at(cluster, 'ann');
  const { file } = generatedTable(seeded(), { rows: 200_000 });
  const atWork = new Promise<void>((resolve) =>
    ann.client.on('message', ({ data }) => (data as RunEvent).type === 'tool_executing' && resolve()),
  );
  const run = ann.ask({ text: 'Give me a summary', files: [file] }, 'long');
  await atWork;
  const [asked] = (await Array.fromAsync(ann.client.ask({ cancel: 'long' }))).map(({ data }) => data as RunEvent);
  const events = await run;
  expect(asked).toMatchObject({ type: 'cancel_requested', run: events[0]?.run });
  expect(events.at(-1)).toMatchObject({ type: 'agent_failed', code: 'cancelled' });
  expect(events.some(({ type }) => type === 'agent_completed')).toBe(false);
  const small = generatedTable(seeded(), { rows: 20, name: 'small.csv' });
  const answer = await ann.ask({ text: 'Give me a summary', files: [small.file] });
  expect(resultOf(answer).analysis_results.totals).toEqual(small.totals);
  const [late] = (await Array.fromAsync(ann.client.ask({ cancel: 'long' }))).map(({ data }) => data as RunEvent);
  expect(late).toMatchObject({ type: 'agent_failed', code: 'nothing_to_cancel' });
});
