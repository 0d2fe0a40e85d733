import type { ServerFrameOf } from '@reveille/contracts';
import { Pace } from './pace.ts';
import { ReveilleError } from './reveille-error.ts';

export type Json = ServerFrameOf<'message'>['data'];

export type OutboxBounds = {
  /** Messages that wait for their `accepted`, at most. */
  messages: number;
  bytes: number;
};
export const defaultOutbox: OutboxBounds = { messages: 256, bytes: 33_554_432 };

type Pending = { frame: string; bytes: number; dataBytes: number; settled: PromiseWithResolvers<{ id: string }> };

/** Messages until the edge has accepted or refused them, in order. After a reconnect they are sent again under the same id. */
export class Outbox {
  readonly #bounds: OutboxBounds;
  readonly #pending = new Map<string, Pending>();
  #bytes = 0;
  /** Set while the edge listens (after its `welcome`). */
  #line: { send: (frame: string) => void; messageBytes: number } | undefined;
  readonly #pace = new Pace((id) => this.#transmit(id));

  constructor(bounds: OutboxBounds) {
    this.#bounds = bounds;
  }

  /** Rejects with a {@link ReveilleError}, never throws. */
  async add(id: string, data: Json): Promise<{ id: string }> {
    const json: string | undefined = JSON.stringify(data);
    if (json === undefined) throw new ReveilleError('bad_frame', 'What is sent must be JSON.');
    if (id.length < 1 || id.length > 64) throw new ReveilleError('bad_frame', 'An id has 1 to 64 characters.');
    if (this.#pending.has(id))
      throw new ReveilleError('duplicate_in_flight', `A message with the id ${id} is under way.`);
    const frame = `{"type":"send","id":${JSON.stringify(id)},"data":${json}}`;
    const encoder = new TextEncoder();
    const entry = {
      frame,
      bytes: encoder.encode(frame).length,
      dataBytes: encoder.encode(json).length,
      settled: Promise.withResolvers<{ id: string }>(),
    };
    if (this.#pending.size >= this.#bounds.messages || this.#bytes + entry.bytes > this.#bounds.bytes) {
      throw new ReveilleError('too_many', 'Too many messages wait to be accepted.');
    }
    this.#pending.set(id, entry);
    this.#bytes += entry.bytes;
    if (this.#line) this.#pace.add(id);
    return entry.settled.promise;
  }

  has(id: string): boolean {
    return this.#pending.has(id);
  }

  /** The edge listens: everything that it has not accepted is sent (again), as fast as it takes it. */
  open(send: (frame: string) => void, limits: { messageBytes: number; messagesPerSecond: number }): void {
    this.close();
    this.#line = { send, messageBytes: limits.messageBytes };
    this.#pace.open(limits.messagesPerSecond);
    for (const id of this.#pending.keys()) this.#pace.add(id);
  }

  /** The edge takes no message for so long: this one is sent again then, before what was said after it. False when it does not wait here. */
  again(id: string, afterMs: number): boolean {
    if (!this.#pending.has(id)) return false;
    if (this.#line) {
      const waiting = [...this.#pending.keys()].filter((each) => each === id || this.#pace.waits(each));
      this.#pace.hold(afterMs, waiting);
    }
    return true;
  }

  close(): void {
    this.#pace.close();
    this.#line = undefined;
  }

  /** True when the message was waiting here. */
  accept(id: string): boolean {
    const entry = this.#take(id);
    entry?.settled.resolve({ id });
    return entry !== undefined;
  }

  reject(id: string, error: ReveilleError): void {
    this.#take(id)?.settled.reject(error);
  }

  rejectAll(error: ReveilleError): void {
    for (const id of this.#pending.keys()) this.reject(id, error);
  }

  #transmit(id: string): void {
    const entry = this.#pending.get(id);
    if (!this.#line || !entry) return;
    const { send, messageBytes } = this.#line;
    // Sent all the same, it would end the connection (1009) for everything else too.
    if (entry.dataBytes > messageBytes) {
      this.reject(
        id,
        new ReveilleError('too_large', `The message has ${entry.dataBytes} bytes; ${messageBytes} are allowed.`),
      );
    } else send(entry.frame);
  }

  #take(id: string): Pending | undefined {
    const entry = this.#pending.get(id);
    if (entry) {
      this.#pending.delete(id);
      this.#bytes -= entry.bytes;
    }
    return entry;
  }
}
