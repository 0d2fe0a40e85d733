import { closeCodes } from '@reveille/contracts';
import type { WebSocket } from 'ws';
import type { Entrance, EntranceParts } from '../accept/entrance.ts';
import { greet } from '../accept/greet.ts';
import { converse, type ConverseParts } from './converse.ts';
import { departureOf } from './departure.ts';
import type { Session } from './session.ts';

const known = new Map<number, string>(Object.entries(closeCodes).map(([name, { code }]) => [code, name]));

/** All sockets of this edge, from accepted to closed. */
export class Sessions implements AsyncDisposable {
  readonly #entrance: EntranceParts;
  readonly #parts: ConverseParts;
  /** With the session that each of them was greeted to. */
  readonly #sockets = new Map<WebSocket, Session | undefined>();
  readonly #open = new Map<Session, Promise<void>>();
  #draining = false;

  constructor(entrance: EntranceParts, parts: ConverseParts) {
    this.#entrance = entrance;
    this.#parts = parts;
  }

  get draining(): boolean {
    return this.#draining;
  }

  accept(socket: WebSocket, entrance: Entrance): void {
    this.#sockets.set(socket, undefined);
    socket.once('close', (code) => this.#closed(socket, code));
    this.#run(socket, entrance).catch((error: unknown) => {
      // A fault of ours: the user is told that the session ended, and nothing of what went wrong.
      this.#entrance.logger.error({ err: error }, 'a session failed');
      socket.close(1011, 'internal error');
    });
  }

  async #run(socket: WebSocket, entrance: Entrance): Promise<void> {
    const session = await greet(socket, entrance, this.#entrance);
    if (session === undefined) return;
    this.#sockets.set(socket, session);
    const { metrics } = this.#parts;
    metrics.gauge('sessions').inc();
    const course = converse(session, this.#parts);
    this.#open.set(session, course);
    try {
      await course;
    } finally {
      if (session.kept !== undefined) await this.#entrance.kept.close(session.kept, !session.mayContinue);
      this.#open.delete(session);
      metrics.gauge('sessions').dec();
    }
  }

  #closed(socket: WebSocket, code: number): void {
    const session = this.#sockets.get(socket);
    this.#sockets.delete(socket);
    const final = session?.outbox.closedWith?.code ?? code;
    // Codes that strangers invent must not become labels.
    this.#parts.metrics
      .counter('connections')
      .inc({ outcome: known.get(final) ?? 'gone', close_code: known.has(final) ? String(final) : 'other' });
    if (session === undefined) return;
    session.ended(code);
    void this.#entrance.leases.release(session.place);
  }

  /**
   * Tells every client to come back elsewhere, each at a moment of its own, and closes; until then it is served. Sockets that have not
   * closed by the deadline are cut.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#draining = true;
    const closed = [...this.#sockets.keys()].map(
      (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    );
    const { drainMs } = this.#entrance.timings;
    for (const { outbox } of this.#open.keys()) {
      const { inMs, reconnectInMs } = departureOf(this.#open.size, drainMs);
      setTimeout(() => {
        outbox.send({ type: 'draining', reconnectInMs });
        outbox.close(closeCodes.draining);
      }, inMs);
    }
    for (const [socket, session] of this.#sockets)
      if (session === undefined) socket.close(closeCodes.draining.code, closeCodes.draining.reason);
    const cut = setTimeout(() => {
      for (const socket of this.#sockets.keys()) socket.terminate();
    }, drainMs);
    await Promise.all(closed);
    clearTimeout(cut);
    await Promise.allSettled(this.#open.values());
  }
}
