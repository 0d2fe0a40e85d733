import { connect, type ReveilleClient } from '@reveille/client';
import type { Plan } from '@reveille/orchestration';
import { type Entrypoint, type Person, planFor, type Visitor } from './catalog.ts';
import type { Visits } from './check/visits.ts';
import type { Latency } from './network/end.ts';
import { UserSide } from './network/user-socket.ts';
import type { Random } from './random.ts';
import type { Said } from './service.ts';
import type { Pass } from './tokens.ts';

/** Where a user's sockets are led. */
export type Balancer = (socket: UserSide, visit: Visit) => void;

/** How long a user thinks before the next message, milliseconds. */
const pauseMs = [400, 5000] as const;

/** One user at one entrypoint, with the client that users have, until he leaves. */
export class Visit implements Visitor {
  readonly id: string;
  readonly person: Person;
  readonly entrypoint: Entrypoint;
  readonly plan: Plan;
  readonly saysUnanswered: boolean;
  readonly client: ReveilleClient;
  readonly #random: Random;
  readonly #checker: Visits;
  readonly #frailty: () => number;
  #socket: UserSide | undefined;
  #said = 0;
  #talking: NodeJS.Timeout | undefined;
  #retrying: NodeJS.Timeout | undefined;
  /** Ids that the client has not been told of. */
  readonly pending = new Set<string>();
  /** The end of his last token, epoch milliseconds. */
  readonly mayHearUntil: (() => number) | undefined;
  left = false;
  /** Has asked once more, after all trouble. */
  hasAskedAgain = false;

  constructor(of: {
    id: string;
    person: Person;
    entrypoint: Entrypoint;
    saysUnanswered: boolean;
    random: Random;
    balancer: Balancer;
    latency: Latency;
    checker: Visits;
    pass: Pass | undefined;
    /** Share of messages around which the socket breaks. */
    frailty(): number;
  }) {
    this.id = of.id;
    this.person = of.person;
    this.entrypoint = of.entrypoint;
    this.plan = planFor(of.person, of.entrypoint);
    this.saysUnanswered = of.saysUnanswered;
    this.#random = of.random;
    this.#checker = of.checker;
    this.#frailty = of.frailty;
    const meet = (socket: UserSide): void => {
      this.#socket = socket;
      // What comes by a socket that its client has given up is heard by nobody.
      const isHeard = (): boolean => socket === this.#socket && socket.readyState === socket.OPEN;
      socket.on('message', (data) => isHeard() && this.#checker.heard(this, socket, String(data)));
      socket.on('close', (code) => this.#checker.lost(code));
      of.balancer(socket, this);
    };
    const { latency, pass, saysUnanswered } = of;
    this.mayHearUntil = pass?.endsAt;
    this.client = connect({
      url: 'ws://balancer',
      entrypoint: of.entrypoint,
      ...(pass ? { token: pass.token } : { as: { user: of.person.user, tenant: of.person.tenant } }),
      reconnect: { attempts: 1_000, initialAttempts: 1_000, maxMs: 2_000 },
      WebSocket: class extends UserSide {
        constructor() {
          super(latency);
          meet(this);
        }

        override send(text: string): void {
          super.send(saysUnanswered ? text : withoutUnanswered(text));
        }
      } as unknown as typeof WebSocket,
    });
    this.client.on('initialization_failed', ({ retryable, retryAfterMs = 0 }) => {
      if (retryable)
        this.#retrying = setTimeout(() => this.client.retry(), retryAfterMs + this.#random.between(0, 1500));
    });
    void this.client.closed.then(({ code }) => this.#closed(code));
    this.#talk();
  }

  say(): string {
    const id = `${this.id}-${++this.#said}`;
    const { user, tenant } = this.person;
    const said: Said = { id, user, tenant };
    this.pending.add(id);
    this.#checker.said(this, id);
    const settled = (): void => void this.pending.delete(id);
    this.client.send(said, { id }).then(settled, settled);
    const socket = this.#socket;
    if (this.#random.chance(this.#frailty())) setTimeout(() => socket?.terminate(), this.#random.between(0, 150));
    return id;
  }

  /** Says nothing more by itself. */
  hush(): void {
    clearTimeout(this.#talking);
  }

  /** Reads nothing for a while. */
  dawdle(forMs: number): void {
    const socket = this.#socket;
    socket?.pause();
    setTimeout(() => socket?.resume(), forMs);
  }

  leave(): void {
    this.left = true;
    clearTimeout(this.#talking);
    clearTimeout(this.#retrying);
    this.client.close();
  }

  #talk(): void {
    this.#talking = setTimeout(
      () => {
        if (this.left) return;
        for (let more = this.#random.between(0, 2); more >= 0; more--) this.say();
        this.#talk();
      },
      this.#random.between(...pauseMs),
    );
  }

  #closed(code: number): void {
    this.#checker.closed(this, code);
    this.leave();
  }
}

/** A frame as a client says it that knows nothing of that field. */
function withoutUnanswered(text: string): string {
  return JSON.stringify(JSON.parse(text, (key, value: unknown) => (key === 'unanswered' ? undefined : value)));
}
