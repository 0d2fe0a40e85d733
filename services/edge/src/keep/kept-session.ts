import {
  BrokerUnavailable,
  type EdgeId,
  type KeptMessage,
  type ResumeBounds,
  type ResumedSession,
  type SessionHold,
  type SessionOwner,
  type SessionStore,
  type SessionWrite,
  type SessionWriteResult,
} from '@reveille/orchestration';
import { sleep } from '@reveille/lifecycle';
import type { Logger } from '@reveille/telemetry';
import { type Numbers, takeBatch, type Waiting } from './batch.ts';
import { Unkept } from './unkept.ts';

export type KeptSessionOf = {
  readonly owner: SessionOwner;
  readonly edge: EdgeId;
  readonly store: SessionStore;
  readonly bounds: ResumeBounds;
  /** All sessions together hold as much as they may, so that something of this one is not kept. */
  readonly onFull: () => void;
  /** Aborts when the edge ends. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
};

/** Pause between two looks whether the store is back: its client may be back as soon as that. */
const forgetEveryMs = 50;

/**
 * What outlives the socket of one session, as this edge writes it. Without the store, or without room in it, the conversation goes on and
 * is not kept: what that leaves out is begun anew with the next message, so that a reconnect is refused rather than given a part.
 */
export class KeptSession {
  readonly #of: KeptSessionOf;
  /** Called once, when another edge continues the session. */
  onTakenOver: (() => void) | undefined;
  #isTakenOver = false;
  #hold: SessionHold | undefined;
  /** What is said while a write is under way goes out together with the next one. Bounded by the inbox and by the bounds of the outbox. */
  readonly #waiting: Waiting[] = [];
  /** Resolves when nothing waits any more. */
  #writing: Promise<void> | undefined;
  /** The numbers of the last message, whether kept or not. */
  #last: Numbers;
  /** What the client has confirmed, and how much of that the store was told. */
  #received = 0;
  #receivedWritten = 0;
  #complained = false;
  #isFull = false;
  /** What the store does not know, and a reconnect would have to: see {@link Unkept}. */
  readonly #unkept: Unkept;

  /** @param from of a session that was taken over; absent: it begins here, in the background */
  constructor(of: KeptSessionOf, from?: ResumedSession) {
    this.#of = of;
    this.#last = { seq: from?.seq ?? 0, stored: from?.stored ?? 0 };
    this.#unkept = new Unkept(from?.unanswered ?? []);
    if (from === undefined) this.#writing = this.#begin(this.#last).then(() => this.#writeAll());
    else this.#hold = { session: of.owner.session, epoch: from.epoch };
  }

  /** Absent while the store does not know the session. */
  get hold(): SessionHold | undefined {
    return this.#hold;
  }

  /** Whether another edge continues the session. */
  get isTakenOver(): boolean {
    return this.#isTakenOver;
  }

  /**
   * Resolves when the message is kept, or when it is clear that it cannot be: then with whether it is this edge's to give. Calls resolve
   * in their order and never reject.
   */
  async keep(message: KeptMessage): Promise<boolean> {
    const before = this.#last;
    this.#last = { seq: message.seq, stored: message.stored };
    const result = await this.#write({ kind: 'keep', message }, before);
    this.#unkept.message(result !== undefined, message.answered);
    return result !== 'other_edge';
  }

  /** The service has the message, or is about to: `known` when it was accepted before. As `keep`. */
  async accept(id: string, generation: number): Promise<'new' | 'known' | 'other_edge'> {
    const result = await this.#write({ kind: 'accept', id, generation }, this.#last);
    if (result === 'known' || result === 'other_edge') return result;
    this.#unkept.accepted(id, generation, result === 'kept');
    return 'new';
  }

  /** The client has everything up to `seq`. However often it says so, one write is under way: the newest supersedes the others. */
  async received(seq: number): Promise<void> {
    const isUnderWay = this.#received > this.#receivedWritten;
    this.#received = Math.max(this.#received, seq);
    if (isUnderWay) return;
    while (this.#received > this.#receivedWritten) {
      const newest = this.#received;
      await this.#outlasting(async () => this.#hold && this.#of.store.received(this.#hold, newest));
      this.#receivedWritten = newest;
    }
  }

  /**
   * Whether it is still this edge that has the session; undefined where the store cannot say. Asked before a service is connected again: its
   * last connection may have been closed for the edge that continues the session.
   */
  async confirm(): Promise<boolean | undefined> {
    const lost = await this.#outlasting(async () => {
      return this.#hold && this.#of.store.renew([this.#hold], this.#of.bounds.windowMs);
    });
    if (lost !== undefined && lost.length > 0) this.lose();
    return this.#isTakenOver ? false : lost && true;
  }

  /** The socket is gone: the client has so long to come back. What the store knows only in part is not continued, but begun anew. */
  async leave(windowMs: number): Promise<void> {
    await this.#writing;
    if (!this.#unkept.isEmpty) await this.#writeOnce([]);
    const hold = this.#hold;
    if (hold === undefined) return;
    if (this.#unkept.isEmpty) await this.#outlasting(() => this.#of.store.renew([hold], windowMs));
    // It ends early only with the edge.
    else if (!(await this.#forget(hold))) this.#forgetLater(hold, windowMs).catch(() => undefined);
  }

  /** The conversation is over: nothing of it is kept. */
  async end(): Promise<void> {
    await this.#writing;
    await this.#outlasting(async () => this.#hold && this.#of.store.end(this.#hold));
  }

  /** The store may be away: it is told when it is back, as long as somebody could ask for the session. Nobody waits for that. */
  async #forgetLater(hold: SessionHold, windowMs: number): Promise<void> {
    const until = performance.now() + windowMs;
    while (performance.now() < until) {
      await sleep(forgetEveryMs, this.#of.signal);
      if (await this.#forget(hold)) return;
    }
  }

  /** True when the store was told. */
  #forget(hold: SessionHold): Promise<true | undefined> {
    return this.#outlasting(async () => {
      await this.#of.store.end(hold);
      return true as const;
    });
  }

  /** Another edge has the session. */
  lose(): void {
    if (this.#isTakenOver) return;
    this.#isTakenOver = true;
    this.#of.logger.info('the session is continued at another edge');
    this.onTakenOver?.();
  }

  #write(write: SessionWrite, before: Numbers): Promise<SessionWriteResult | undefined> {
    return new Promise((resolve) => {
      this.#waiting.push({ write, before, resolve });
      this.#writing ??= this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    // What is said in the same turn goes together.
    await Promise.resolve();
    for (let batch = takeBatch(this.#waiting); batch.length > 0; batch = takeBatch(this.#waiting)) {
      const results = await this.#writeBatch(batch);
      for (const [at, { resolve }] of batch.entries()) resolve(results?.[at]);
    }
    this.#writing = undefined;
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<readonly SessionWriteResult[] | undefined> {
    const first = await this.#writeOnce(batch);
    // The store was emptied, or the session slept for longer than its window: it is kept again from here.
    const results = first?.includes('unknown') ? await this.#writeOnce(batch) : first;
    if (results?.includes('other_edge')) this.lose();
    return results;
  }

  async #writeOnce(batch: readonly Waiting[]): Promise<readonly SessionWriteResult[] | undefined> {
    if (this.#hold === undefined && batch[0] !== undefined) await this.#begin(batch[0].before);
    const hold = this.#hold;
    if (hold === undefined) return undefined;
    const { owed } = this.#unkept;
    const writes = [...owed, ...batch.map(({ write }) => write)];
    const results = await this.#outlasting(() => this.#of.store.write(hold, writes, this.#of.bounds));
    if (results?.includes('unknown')) this.#forgotten();
    else if (results !== undefined) this.#unkept.paid(owed);
    if (results?.includes('full')) this.#full();
    return results?.slice(owed.length);
  }

  #forgotten(): void {
    this.#hold = undefined;
    this.#unkept.forgotten();
  }

  async #begin({ seq, stored }: Numbers): Promise<void> {
    const { owner, edge, store, bounds } = this.#of;
    await this.#outlasting(async () => {
      const begun = await store.begin(owner, { edge, seq, stored, windowMs: bounds.windowMs });
      if ('refused' in begun) this.#full();
      else this.#hold = { session: owner.session, epoch: begun.epoch };
    });
  }

  /** Told once: it holds for many sessions at once, and may last. */
  #full(): void {
    if (this.#isFull) return;
    this.#isFull = true;
    this.#of.onFull();
    this.#of.logger.warn('all sessions together hold as much as they may: this one goes on and is not kept whole');
  }

  /** Undefined when the store is away or broken: the conversation goes on, and is not kept. */
  async #outlasting<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#of.store.unavailable() !== undefined) return undefined;
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
