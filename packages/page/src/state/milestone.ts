import type { PageState } from './page-state.ts';
import type { Action } from './action.ts';

/**
 * What somebody who cannot see the page has to hear of this step: that a start began, each service that became ready, the end, and a
 * finished answer. Never progress: it would talk without a pause.
 */
export function milestoneOf(before: PageState, after: PageState, action: Action): string | undefined {
  if (action.type !== 'frame') return undefined;
  const { frame } = action;
  switch (frame.type) {
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
    case 'message':
      return frame.final === true ? 'The answer is complete.' : undefined;
    default:
      return undefined;
  }
}
