import type { ResumedSession } from '@reveille/orchestration';

/** What became of an offered message. `accepted`: it was before; its answer is said again. */
export type Offered = 'held' | 'accepted' | 'duplicate_in_flight' | 'too_many';

type Held = { readonly id: string; readonly encoded: string; readonly bytes: number; sent: boolean };

/** Ids that are remembered after they were accepted: a client repeats what it is unsure of, and that is the latest. */
const rememberedIds = 1_024;

/** Messages of one user on their way to the service: in order, bounded, each id delivered once. */
export class Inbox {
  readonly #limits: { heldMessages: number; heldBytes: number };
  /** In the order of arrival. */
  readonly #held = new Map<string, Held>();
  readonly #accepted = new Set<string>();
  /** Accepted, and no final answer yet. */
  readonly #unanswered = new Set<string>();
  #bytes = 0;

  constructor(limits: { heldMessages: number; heldBytes: number }) {
    this.#limits = limits;
  }

  /** @param encoded the data as JSON */
  offer(id: string, encoded: string): Offered {
    if (this.#held.has(id)) return 'duplicate_in_flight';
    if (this.#accepted.has(id)) return 'accepted';
    const bytes = Buffer.byteLength(encoded);
    const { heldMessages, heldBytes } = this.#limits;
    if (this.#held.size >= heldMessages || this.#bytes + bytes > heldBytes) return 'too_many';
    this.#held.set(id, { id, encoded, bytes, sent: false });
    this.#bytes += bytes;
    return 'held';
  }

  /** Is anything held for the service? */
  get holds(): boolean {
    return this.#held.size > 0;
  }

  /** Of a session that is continued: what was accepted before, oldest first. */
  restore({ accepted, unanswered }: Pick<ResumedSession, 'accepted' | 'unanswered'>): void {
    for (const id of accepted) remember(this.#accepted, id);
    for (const { id } of unanswered) remember(this.#unanswered, id);
  }

  /** Hands out, in order, what the present upstream was not sent yet. */
  *unsent(): Generator<{ id: string; encoded: string }> {
    for (const message of [...this.#held.values()]) {
      if (message.sent) continue;
      message.sent = true;
      yield message;
    }
  }

  /** The service has it now. False when nothing of this id is on its way. */
  taken(id: string): boolean {
    if (!this.drop(id)) return false;
    remember(this.#accepted, id);
    remember(this.#unanswered, id);
    return true;
  }

  /** The last of its answer has been given. */
  answered(id: string): void {
    this.#unanswered.delete(id);
  }

  /** The upstream is gone: what it had not taken is to be sent to the next. */
  returnSent(): void {
    for (const message of this.#held.values()) message.sent = false;
  }

  /** Forgets what was sent and not taken, and names it. */
  refuseSent(): string[] {
    const ids = [...this.#held.values()].filter(({ sent }) => sent).map(({ id }) => id);
    for (const id of ids) this.drop(id);
    return ids;
  }

  /** Forgets all that is held, and names it. */
  refuseAll(): string[] {
    const ids = [...this.#held.keys()];
    this.#held.clear();
    this.#bytes = 0;
    return ids;
  }

  /** Names, once, what was accepted and may never be answered. */
  takeUnanswered(isLost: (id: string) => boolean = () => true): string[] {
    const ids = [...this.#unanswered].filter(isLost);
    for (const id of ids) this.#unanswered.delete(id);
    return ids;
  }

  /** Forgets a message that is on its way. False when there is none of this id. */
  drop(id: string): boolean {
    const message = this.#held.get(id);
    if (message === undefined) return false;
    this.#held.delete(id);
    this.#bytes -= message.bytes;
    return true;
  }
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id);
  for (const oldest of ids) {
    if (ids.size <= rememberedIds) break;
    ids.delete(oldest);
  }
}
