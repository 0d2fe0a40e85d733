import type { InitializationFrame, ServerFrame } from '@reveille/contracts';
import type { Action } from './action.ts';
import { answered, delivered, interrupted, noted, said } from './conversation.ts';
import { milestoneOf } from './milestone.ts';
import { initialState, type PageState } from './page-state.ts';
import { startAfter } from './start.ts';
import { notStopped, stopReplied } from './stops.ts';

/** Everything that the page shows, from everything that has happened. */
export function reduce(state: PageState, action: Action): PageState {
  const next = step(state, action);
  const text = milestoneOf(state, next, action);
  return text === undefined ? next : { ...next, milestone: { n: state.milestone.n + 1, text } };
}

function step(state: PageState, action: Action): PageState {
  switch (action.type) {
    case 'frame':
      return heard(state, action.frame, action.now);
    case 'lost':
      return state.link.at === 'open' ? { ...state, link: { at: 'lost' } } : state;
    case 'closed':
      return { ...state, link: { at: 'over', ...action.closed }, ready: false };
    case 'connecting':
      return {
        ...initialState,
        link: { at: 'connecting', resumes: action.resumes },
        conversation: state.conversation,
        milestone: state.milestone,
      };
    case 'said':
      return { ...state, conversation: said(state.conversation, action.message) };
    case 'stopping':
      return { ...state, stops: { ...state.stops, [action.request]: action.id } };
    case 'refused':
      return refused(state, action.id, action.why);
  }
}

function heard(state: PageState, frame: ServerFrame, now: number): PageState {
  switch (frame.type) {
    case 'welcome': {
      const { user, tenant, limits, resumed } = frame;
      const { messageBytes, heldBytes } = limits;
      const session = { user, ...(tenant === undefined ? {} : { tenant }), messageBytes, heldBytes };
      const note = sessionNote(state, resumed);
      const conversation =
        note === undefined ? state.conversation : noted(state.conversation, `session ${frame.session}`, note);
      return { ...state, link: { at: 'open' }, session, conversation };
    }
    case 'initialization_started':
    case 'service_initializing':
    case 'service_completed':
    case 'service_failed':
    case 'initialization_slow':
    case 'initialization_completed':
    case 'initialization_failed':
      return initialized(state, frame, now);
    case 'accepted':
      return become(state, (sent) => (sent.id === frame.id ? { is: 'delivered' } : undefined));
    case 'rejected':
      return refused(state, frame.id, frame.message);
    case 'message':
      return frame.re !== undefined && frame.re in state.stops
        ? { ...state, ...stopReplied(state, frame) }
        : { ...state, conversation: answered(state.conversation, frame) };
    case 'interrupted':
      return frame.ids.reduce<PageState>(
        (next, id) => (id in next.stops ? { ...next, ...notStopped(next, id, '') } : next),
        { ...state, conversation: interrupted(state.conversation, frame.ids, frame.reason) },
      );
    case 'error':
      return frame.id === undefined ? cooled(state, frame.retryAfterMs, now) : refused(state, frame.id, frame.message);
    case 'draining':
    case 'ping':
      return state;
  }
}

/** What the user has to know of the session that now begins or goes on. */
function sessionNote({ session, link }: PageState, resumed: boolean): string | undefined {
  if (session !== undefined)
    return resumed ? undefined : 'This is a new session: the one before could not be taken up again.';
  if (link.at !== 'connecting' || !link.resumes) return undefined;
  return resumed
    ? 'The session goes on. What was said in it before the page was loaded again cannot be shown, and what was not delivered yet has to be sent again.'
    : 'This is a new session: the one from before the page was loaded again is over.';
}

function initialized(state: PageState, frame: InitializationFrame, now: number): PageState {
  const start = startAfter(state.start, frame, now);
  const next = start === undefined ? state : { ...state, start };
  if (frame.type === 'initialization_started' || frame.type === 'initialization_failed')
    return { ...next, ready: false };
  return frame.type === 'initialization_completed' ? { ...next, ready: true } : next;
}

/** A `retry` came too early: the countdown begins again at what the edge says. */
function cooled(state: PageState, retryAfterMs: number | undefined, now: number): PageState {
  const { start } = state;
  if (retryAfterMs === undefined || start?.outcome.is !== 'failed') return state;
  return { ...state, start: { ...start, outcome: { ...start.outcome, retryAt: now + retryAfterMs } } };
}

function refused(state: PageState, id: string, why: string): PageState {
  if (id in state.stops) return { ...state, ...notStopped(state, id, why) };
  return become(state, (sent) =>
    sent.id === id && sent.delivery.is === 'sending' ? { is: 'rejected', why } : undefined,
  );
}

function become(state: PageState, change: Parameters<typeof delivered>[1]): PageState {
  const conversation = delivered(state.conversation, change);
  return conversation === state.conversation ? state : { ...state, conversation };
}
