import type { Closed } from '@reveille/client';
import type { ServerFrame } from '@reveille/contracts';
import type { Sent } from './conversation.ts';

/** What may happen to the page. `now`: local time, monotonic, in milliseconds. */
export type Action =
  | { readonly type: 'frame'; readonly frame: ServerFrame; readonly now: number }
  /** The connection was lost; the client is connecting again. */
  | { readonly type: 'lost' }
  | { readonly type: 'closed'; readonly closed: Closed }
  /** A new client starts from nothing; what was said stays. `resumes`: it asks for the session that the page had before it was loaded again. */
  | { readonly type: 'connecting'; readonly resumes: boolean }
  | { readonly type: 'said'; readonly message: Omit<Sent, 'kind' | 'delivery'> }
  /** The answer to the message `id` is to end; `request` is the id under which that was sent. */
  | { readonly type: 'stopping'; readonly id: string; readonly request: string }
  | { readonly type: 'refused'; readonly id: string; readonly why: string };
