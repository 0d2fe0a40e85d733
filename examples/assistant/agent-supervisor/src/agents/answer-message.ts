import { randomUUID } from 'node:crypto';
import type { AgentContext } from './agent-context.ts';
import { workOnData } from './data.ts';
import { lookForSavings } from './optimization.ts';
import { askForTable, reportOn, type Answer } from './report.ts';
import { triage } from './triage.ts';

/** Answers one message: the agents one after the other, the conversation kept before and after. Says everything but its last event. */
export async function answerMessage(context: AgentContext): Promise<Answer> {
  const { threads, request } = context;
  const { id, text } = request.message;
  await threads.open();
  await threads.addMessage({ id, role: 'user', text });
  const chosen = await triage(context);
  const answer = chosen === undefined ? askForTable(context) : await analyse(context, chosen);
  const { engine, trace_id, analysis_results } = answer.result;
  const data = { engine, trace_id, totals: analysis_results.totals, table: analysis_results.table };
  // A message that is worked on again, after a crash, gets another answer: with an id of its own, since it may say something else.
  await threads.addMessage({ id: `${id}/answer/${randomUUID()}`, role: 'assistant', text: answer.text, data });
  return answer;
}

async function analyse(
  context: AgentContext,
  chosen: NonNullable<Awaited<ReturnType<typeof triage>>>,
): Promise<Answer> {
  const work = await workOnData(context, chosen);
  const savings = await lookForSavings(context, work);
  return reportOn(context, work, { ...work.answers, ...savings });
}
