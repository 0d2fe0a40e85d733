import type { SessionWrite, UnansweredMessage } from '@reveille/orchestration';

/** As many as the store remembers. */
const rememberedIds = 256;

/**
 * What of a session the store does not know and is of consequence still: the last message, when it was said while the store was away, or ids
 * that were accepted and wait for their answer. Whoever came back would be given a part and told that it is the whole.
 */
export class Unkept {
  /** In the order in which they were accepted. */
  readonly #unanswered = new Map<string, { readonly generation: number; isKept: boolean }>();
  #lastMessage = false;

  /** @param unanswered what the store knew when the session was taken over */
  constructor(unanswered: readonly UnansweredMessage[]) {
    for (const { id, generation } of unanswered) this.accepted(id, generation, true);
  }

  get isEmpty(): boolean {
    return !this.#lastMessage && this.#owed.length === 0;
  }

  /** To be written before anything else. */
  get owed(): SessionWrite[] {
    return this.#owed.map(([id, { generation }]) => ({ kind: 'accept', id, generation }));
  }

  /** A message that is kept shows a gap before it to the store, which then gives nothing from before. @param answered the id whose answer it ends */
  message(isKept: boolean, answered: string | undefined): void {
    this.#lastMessage = !isKept;
    if (answered !== undefined) this.#unanswered.delete(answered);
  }

  accepted(id: string, generation: number, isKept: boolean): void {
    this.#unanswered.set(id, { generation, isKept });
    for (const oldest of this.#unanswered.keys()) {
      if (this.#unanswered.size <= rememberedIds) break;
      this.#unanswered.delete(oldest);
    }
  }

  paid(owed: readonly SessionWrite[]): void {
    for (const write of owed) {
      const message = write.kind === 'accept' ? this.#unanswered.get(write.id) : undefined;
      if (message !== undefined) message.isKept = true;
    }
  }

  /** The store has forgotten the session. */
  forgotten(): void {
    for (const message of this.#unanswered.values()) message.isKept = false;
  }

  get #owed() {
    return [...this.#unanswered].filter(([, { isKept }]) => !isKept);
  }
}
