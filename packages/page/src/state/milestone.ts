import type { Json } from '@reveille/client';
import type { ServerFrame } from '@reveille/contracts';
import type { Action } from './action.ts';
import { endingOf } from './ending.ts';
import { type PageState, stageOf } from './page-state.ts';
import { isFields, textOf } from './run-view.ts';

/**
 * What somebody who cannot see the page has to hear of this step: that a start began, each service that became ready, the end, how an
 * answer ended, and whether the connection stands. Never progress: it would talk without a pause.
 */
export function milestoneOf(before: PageState, after: PageState, action: Action): string | undefined {
  switch (action.type) {
    case 'frame':
      return heard(before, after, action.frame);
    case 'lost':
      return before.link.at === after.link.at ? undefined : 'The connection was lost. It is being opened again.';
    case 'closed': {
      // Who was told that the start failed knows why it is closed.
      if (stageOf(before) === 'failed') return undefined;
      const { title, advice } = endingOf(action.closed.code, action.closed.reason);
      return `${title} ${advice}`.trim();
    }
    case 'refused':
      return noteBetween(before, after);
    default:
      return undefined;
  }
}

function heard(before: PageState, after: PageState, frame: ServerFrame): string | undefined {
  switch (frame.type) {
    case 'welcome':
      return before.link.at === 'lost'
        ? ['The connection is open again.', noteBetween(before, after)].filter(Boolean).join(' ')
        : noteBetween(before, after);
    case 'initialization_started':
      return before.start?.initialization === frame.initialization && before.start.outcome.is === 'under-way'
        ? undefined
        : frame.message;
    case 'service_completed':
      return before.start === after.start ? undefined : frame.message;
    case 'initialization_failed':
      return frame.message;
    case 'initialization_completed':
      return before.ready ? undefined : frame.message;
    case 'rejected':
      return noteBetween(before, after);
    case 'message':
      if (frame.re !== undefined && frame.re in before.stops) return noteBetween(before, after);
      return frame.final === true ? endWords(frame.data) : undefined;
    default:
      return undefined;
  }
}

function endWords(data: Json): string {
  if (!isFields(data) || data['type'] !== 'agent_failed') return 'The answer is complete.';
  if (data['code'] === 'cancelled') return 'The answer was stopped.';
  return `There is no answer. ${textOf(data['message']) ?? ''}`.trim();
}

/** What this step noted in the conversation. */
function noteBetween(before: PageState, after: PageState): string | undefined {
  const last = after.conversation.at(-1);
  return last?.kind === 'note' && last !== before.conversation.at(-1) ? last.text : undefined;
}
