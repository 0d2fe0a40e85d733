import type { Json } from '@reveille/client';
import type { ServerFrameOf } from '@reveille/contracts';
import { type Conversation, noted } from './conversation.ts';
import { isFields, textOf } from './run-view.ts';

/** What was asked to end: the message whose answer it is, by the id of the request. */
export type Stops = Readonly<Record<string, string>>;

/** What a service is sent that is to end the answer to a message. */
export function stopOf(id: string): Json {
  return { cancel: id };
}

/** May more be said in answer to this message? */
export function isUnderWay(conversation: Conversation, id: string): boolean {
  const sent = conversation.find((entry) => entry.kind === 'sent' && entry.id === id);
  if (sent?.kind === 'sent' && sent.delivery.is !== 'delivered') return false;
  const answer = conversation.findLast((entry) => entry.kind === 'answer' && entry.re === id);
  return answer?.kind === 'answer' ? !answer.final && !answer.interrupted : sent !== undefined;
}

export function isStopping(stops: Stops, id: string): boolean {
  return Object.values(stops).includes(id);
}

/** The newest message that is being answered, and that nobody has asked to stop. */
export function newestUnderWay(conversation: Conversation, stops: Stops): string | undefined {
  const ids = conversation.flatMap((entry) =>
    entry.kind === 'sent' ? [entry.id] : entry.kind === 'answer' && entry.re !== undefined ? [entry.re] : [],
  );
  return ids.findLast((id) => isUnderWay(conversation, id) && !isStopping(stops, id));
}

type Told = { readonly stops: Stops; readonly conversation: Conversation };

/** The service replied to such a request. That an answer ended it says in that answer; only what stood in the way is news. */
export function stopReplied({ stops, conversation }: Told, { re = '', data }: ServerFrameOf<'message'>): Told {
  const failed = isFields(data) && data['type'] === 'agent_failed';
  const why = failed ? (textOf(data['message']) ?? 'The service did not say why.') : undefined;
  return why === undefined ? { stops, conversation } : notStopped({ stops, conversation }, re, why);
}

/** The request came to nothing: it can be made again, unless the answer has ended meanwhile. */
export function notStopped({ stops, conversation }: Told, request: string, why: string): Told {
  const { [request]: id = '', ...others } = stops;
  return {
    stops: others,
    conversation: isUnderWay(conversation, id)
      ? noted(conversation, `stop ${request}`, `This answer could not be stopped. ${why}`)
      : conversation,
  };
}
