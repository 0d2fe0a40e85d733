import { randomUUID } from 'node:crypto';
import { earlierPrices, keep, pricesOf } from '../prices/stated-prices.ts';
import type { AgentContext } from './agent-context.ts';
import { workOnData } from './data.ts';
import { lookForSavings } from './optimization.ts';
import { askForTable, reportOn, type Answer } from './report.ts';
import { triage } from './triage.ts';

/** Answers one message: the agents one after the other, the conversation kept before and after. Says everything but its last event. */
export async function answerMessage(begun: AgentContext): Promise<Answer> {
  const { threads, request } = begun;
  const { id, text } = request.message;
  await threads.open();
  const stated = pricesOf(request);
  await threads.addMessage({ id, role: 'user', text, ...(stated && { data: { prices: keep(stated, request) } }) });
  const prices = stated ?? (await earlierPrices(threads));
  const context = { ...begun, prices };
  const chosen = await triage(context);
  const answer = chosen === undefined ? askForTable(context) : await analyse(context, chosen);
  const { engine, trace_id, analysis_results } = answer.result;
  const { totals, table } = analysis_results;
  const data = { engine, trace_id, totals, table, ...(prices && { prices: keep(prices, request) }) };
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
