import type { ServerFrameOf } from '@reveille/contracts';
import { Feed } from './feed.ts';
import { ReveilleError } from './reveille-error.ts';

export type MessageFrame = ServerFrameOf<'message'>;
type Interrupted = ServerFrameOf<'interrupted'>;

/** Frames of one answer that may wait for their reader. */
const answerFrames = 1024;
/** Accepted messages that are remembered, to say what an interruption may have cost: those without a final answer, and those of which it was said. */
const rememberedIds = 256;

/** What became of accepted messages: the answers that somebody reads, and the ids that still have none. */
export class Answers {
  readonly #asked = new Map<string, Feed<MessageFrame>>();
  readonly #unanswered = new Set<string>();
  readonly #interrupted = new Set<string>();

  /** The answer to come for a message. Not `fresh` when the id is already in use: then it ends with that refusal at once. */
  ask(id: string, signal?: AbortSignal): { feed: Feed<MessageFrame>; fresh: boolean } {
    const fresh = !this.#asked.has(id) && !this.#unanswered.has(id);
    const abort = (): void => {
      feed.fail(new ReveilleError('aborted', 'No answer is waited for any more.', { cause: signal?.reason }));
    };
    const feed: Feed<MessageFrame> = new Feed(answerFrames, () => {
      if (this.#asked.get(id) === feed) this.#asked.delete(id);
      signal?.removeEventListener('abort', abort);
    });
    if (fresh) this.#asked.set(id, feed);
    else feed.fail(new ReveilleError('duplicate_in_flight', `A message with the id ${id} is under way.`));
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort);
    return { feed, fresh };
  }

  accepted(id: string): void {
    this.#interrupted.delete(id);
    remember(this.#unanswered, id);
  }

  /** What an `interrupted` names that none has named before: an edge that continues a session does not know what its client was told. Undefined: nothing. */
  newly(frame: Interrupted): Interrupted | undefined {
    const ids = frame.ids.filter((id) => !this.#interrupted.has(id));
    for (const id of ids) remember(this.#interrupted, id);
    return ids.length === 0 && frame.ids.length > 0 ? undefined : { ...frame, ids };
  }

  message(frame: MessageFrame): void {
    if (frame.re === undefined) {
      // A bare upstream never says what it answers: its word is the only sign that it had what came before.
      for (const id of this.#unanswered) if (!this.#asked.has(id)) this.#unanswered.delete(id);
      return;
    }
    const feed = this.#asked.get(frame.re);
    feed?.push(frame);
    if (frame.final !== true) return;
    this.#unanswered.delete(frame.re);
    feed?.end();
  }

  /** No (further) answer will come for this message. */
  fail(id: string, error: ReveilleError): void {
    this.#unanswered.delete(id);
    this.#asked.get(id)?.fail(error);
  }

  /** Ids that were accepted and have no final answer, oldest first. */
  get unanswered(): string[] {
    return [...this.#unanswered];
  }

  /** Ids without a final answer, whether accepted or not. */
  get open(): string[] {
    return [...new Set([...this.#unanswered, ...this.#asked.keys()])];
  }

  failAll(error: ReveilleError): void {
    for (const id of this.open) this.fail(id, error);
  }
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id);
  for (const oldest of ids) {
    if (ids.size <= rememberedIds) break;
    ids.delete(oldest);
  }
}
