import type { Presence } from './presence.ts';
import type { Talk } from './talk.ts';

/** What the session is doing, as far as the user's frames care. */
export type Stage =
  | { readonly doing: 'wanting'; readonly giveUp: AbortController }
  | { readonly doing: 'talking'; readonly talk: Talk; readonly presence: Presence }
  /** Without traffic for so long that its service was stopped. `wake`: a message came. */
  | { readonly doing: 'quiet'; readonly wake: () => void }
  /** A failure that may be tried again. `retryAt`: monotonic milliseconds. */
  | { readonly doing: 'failed'; readonly retryAt: number; readonly retry: () => void };
