import type { SessionWrite } from '@reveille/orchestration';

/** As many as the store remembers. */
const rememberedIds = 256;

/**
 * What of a session was said while the store was away and is of consequence still: the last message, or ids that were accepted and wait for
 * their answer. Whoever came back would be given a part and told that it is the whole.
 */
export class Unkept {
  readonly #accepted = new Map<string, number>();
  #lastMessage = false;

  get isEmpty(): boolean {
    return !this.#lastMessage && this.#accepted.size === 0;
  }

  /** To be written before anything else. */
  get owed(): SessionWrite[] {
    return [...this.#accepted].map(([id, generation]) => ({ kind: 'accept', id, generation }));
  }

  /** A message that is kept shows a gap before it to the store, which then gives nothing from before. @param answered the id whose answer it ends */
  message(isKept: boolean, answered: string | undefined): void {
    this.#lastMessage = !isKept;
    if (answered !== undefined) this.#accepted.delete(answered);
  }

  accepted(id: string, generation: number): void {
    this.#accepted.set(id, generation);
    for (const oldest of this.#accepted.keys()) {
      if (this.#accepted.size <= rememberedIds) break;
      this.#accepted.delete(oldest);
    }
  }

  paid(owed: readonly SessionWrite[]): void {
    for (const write of owed) if (write.kind === 'accept') this.#accepted.delete(write.id);
  }
}
