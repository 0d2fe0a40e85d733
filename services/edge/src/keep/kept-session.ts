import {
  BrokerUnavailable,
  type EdgeId,
  type KeepResult,
  type KeptMessage,
  type ResumeBounds,
  type SessionHold,
  type SessionOwner,
  type SessionStore,
} from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';

export type KeptSessionOf = {
  readonly owner: SessionOwner;
  readonly edge: EdgeId;
  readonly store: SessionStore;
  /** Why the store cannot be used now, if it cannot. */
  readonly unavailable: () => string | undefined;
  readonly bounds: ResumeBounds;
  readonly logger: Logger;
};

/**
 * What outlives the socket of one session, as this edge writes it. Without the store the conversation goes on and is not kept: what
 * that leaves out is begun anew with the next message, so that a reconnect is refused rather than given a part.
 */
export class KeptSession {
  readonly #of: KeptSessionOf;
  readonly #takenOver = new AbortController();
  #hold: SessionHold | undefined;
  /** Resolves when the write before has been sent: writes are sent in their order, without waiting for each other's answers. */
  #turn: Promise<unknown>;
  /** The numbers of the last message, whether kept or not. */
  #last: Numbers;
  #complained = false;

  /** @param hold of a session that was taken over; absent: it begins here, in the background */
  constructor(of: KeptSessionOf, { seq, stored }: Numbers, hold?: SessionHold) {
    this.#of = of;
    this.#last = { seq, stored };
    this.#hold = hold;
    this.#turn = hold === undefined ? this.#begin(this.#last) : Promise.resolve();
  }

  /** Absent while the store does not know the session. */
  get hold(): SessionHold | undefined {
    return this.#hold;
  }

  /** Aborts when another edge continues the session. */
  get takenOver(): AbortSignal {
    return this.#takenOver.signal;
  }

  /**
   * Resolves when the message is kept, or when it is clear that it cannot be: then with whether it is this edge's to give. Calls resolve
   * in their order and never reject.
   */
  async keep(message: KeptMessage): Promise<boolean> {
    const before = this.#last;
    this.#last = { seq: message.seq, stored: message.stored };
    const result = await this.#write(before, (hold) => this.#of.store.keep(hold, message, this.#of.bounds));
    return result !== 'other_edge';
  }

  /** The service has the message, or is about to: `known` when it was accepted before. As `keep`. */
  async accept(id: string, generation: number): Promise<'new' | 'known' | 'other_edge'> {
    const result = await this.#write(this.#last, (hold) => this.#of.store.accept(hold, id, generation));
    return result === 'known' || result === 'other_edge' ? result : 'new';
  }

  /** The client has everything up to `seq`. */
  async received(seq: number): Promise<void> {
    await this.#outlasting(async () => this.#hold && this.#of.store.received(this.#hold, seq));
  }

  /** The socket is gone: the client has so long to come back. */
  async leave(windowMs: number): Promise<void> {
    await this.#turn;
    await this.#outlasting(async () => this.#hold && this.#of.store.renew([this.#hold], windowMs));
  }

  /** The conversation is over: nothing of it is kept. */
  async end(): Promise<void> {
    await this.#turn;
    await this.#outlasting(async () => this.#hold && this.#of.store.end(this.#hold));
  }

  /** Another edge has the session. */
  lose(): void {
    if (this.#takenOver.signal.aborted) return;
    this.#of.logger.info('the session is continued at another edge');
    this.#takenOver.abort();
  }

  async #write(before: Numbers, work: Work): Promise<KeepResult | 'known' | undefined> {
    const first = await this.#inTurn(before, work);
    // The store was emptied, or the session slept for longer than its window: it is kept again from here.
    const result = first === 'unknown' ? await this.#inTurn(before, work) : first;
    if (result === 'other_edge') this.lose();
    return result;
  }

  async #inTurn(before: Numbers, work: Work): Promise<KeepResult | 'known' | undefined> {
    const sent = this.#turn.then(async () => {
      if (this.#hold === undefined) await this.#begin(before);
      const hold = this.#hold;
      // Wrapped, so that its answer is not waited for here.
      return { hold, answer: hold && this.#outlasting(() => work(hold)) };
    });
    this.#turn = sent;
    const { hold, answer } = await sent;
    const result = await answer;
    if (result === 'unknown' && this.#hold === hold) this.#hold = undefined;
    return result;
  }

  async #begin({ seq, stored }: Numbers): Promise<void> {
    const { owner, edge, store, bounds } = this.#of;
    await this.#outlasting(async () => {
      const { epoch } = await store.begin(owner, { edge, seq, stored, windowMs: bounds.windowMs });
      this.#hold = { session: owner.session, epoch };
    });
  }

  /** Undefined when the store is away or broken: the conversation goes on, and is not kept. */
  async #outlasting<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#of.unavailable() !== undefined) return undefined;
    try {
      return await work();
    } catch (error) {
      const level = error instanceof BrokerUnavailable ? 'warn' : 'error';
      if (!this.#complained) this.#of.logger[level]({ err: error }, 'the session goes on and is not kept meanwhile');
      this.#complained = true;
      return undefined;
    }
  }
}

type Numbers = { readonly seq: number; readonly stored: number };
type Work = (hold: SessionHold) => Promise<KeepResult | 'known'>;
