import type { Conversation } from './conversation.ts';
import type { Start } from './start.ts';
import type { Stops } from './stops.ts';

/** What the edge said about this session in `welcome`. */
export interface Session {
  readonly user: string;
  readonly tenant?: string;
  /** Of one message, as JSON. */
  readonly messageBytes: number;
  /** Of all messages together that wait for the service. */
  readonly heldBytes: number;
}

/**
 * `connecting`: no edge has answered yet; `resumes`: the session of before a reload was asked for. `open`: connected. `lost`: was connected, and connects again by itself. `over`: it stays
 * closed until the user connects again.
 */
export type Link =
  | { readonly at: 'connecting'; readonly resumes: boolean }
  | { readonly at: 'open' }
  | { readonly at: 'lost' }
  | { readonly at: 'over'; readonly code: number; readonly reason: string };

/** Everything that the page shows. Times are local and monotonic, in milliseconds. */
export interface PageState {
  readonly link: Link;
  readonly session?: Session;
  /** Does the service answer? */
  readonly ready: boolean;
  /** The latest initialization of this session; absent when everything was ready at once. */
  readonly start?: Start;
  readonly conversation: Conversation;
  readonly stops: Stops;
  /** The last thing worth telling someone who cannot see the page. `n` rises, so that the same words count again. */
  readonly milestone: { readonly n: number; readonly text: string };
}

export const initialState: PageState = {
  link: { at: 'connecting', resumes: false },
  ready: false,
  conversation: [],
  stops: {},
  milestone: { n: 0, text: '' },
};

/** What the page is about at the moment. */
export type Stage = 'connecting' | 'waiting' | 'ready' | 'failed' | 'over';

export function stageOf(state: PageState): Stage {
  if (state.start?.outcome.is === 'failed') return 'failed';
  if (state.link.at === 'over') return 'over';
  if (state.ready) return 'ready';
  return state.start === undefined ? 'connecting' : 'waiting';
}
