import { closeCodes } from '@reveille/contracts';
import type { WebSocket } from 'ws';
import type { Entrance, EntranceParts } from '../accept/entrance.ts';
import { greet } from '../accept/greet.ts';
import { converse, type ConverseParts } from './converse.ts';
import type { Session } from './session.ts';

const known = new Map<number, string>(Object.entries(closeCodes).map(([name, { code }]) => [code, name]));
/** Sockets are told to come back within so many milliseconds, each at a moment of its own. */
const reconnectSpreadMs = 2_000;

/** All sockets of this edge, from accepted to closed. */
export class Sessions implements AsyncDisposable {
  readonly #entrance: EntranceParts;
  readonly #parts: ConverseParts;
  readonly #sockets = new Set<WebSocket>();
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
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.#run(socket, entrance).catch((error: unknown) => {
      // A fault of ours: the user is told that the session ended, and nothing of what went wrong.
      this.#entrance.logger.error({ err: error }, 'a session failed');
      socket.close(1011, 'internal error');
    });
  }

  async #run(socket: WebSocket, entrance: Entrance): Promise<void> {
    const { metrics } = this.#parts;
    const greeted: { session?: Session } = {};
    socket.once('close', (code) => {
      const final = greeted.session?.outbox.closedWith?.code ?? code;
      // Codes that strangers invent must not become labels.
      metrics
        .counter('connections')
        .inc({ outcome: known.get(final) ?? 'gone', close_code: known.has(final) ? String(final) : 'other' });
    });
    const session = await greet(socket, entrance, this.#entrance);
    if (session === undefined) return;
    greeted.session = session;
    metrics.gauge('sessions').inc();
    const course = converse(session, this.#parts);
    this.#open.set(session, course);
    try {
      await course;
    } finally {
      this.#open.delete(session);
      metrics.gauge('sessions').dec();
    }
  }

  /** Tells every client to come back elsewhere, and closes. Sockets that have not closed by the deadline are cut. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#draining = true;
    const closed = [...this.#sockets].map(
      (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    );
    for (const session of this.#open.keys()) {
      session.outbox.send({ type: 'draining', reconnectInMs: Math.round(Math.random() * reconnectSpreadMs) });
      session.outbox.close(closeCodes.draining);
    }
    for (const socket of this.#sockets) socket.close(closeCodes.draining.code, closeCodes.draining.reason);
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.terminate();
    }, this.#entrance.timings.drainMs);
    await Promise.all(closed);
    clearTimeout(cut);
    await Promise.allSettled(this.#open.values());
  }
}
