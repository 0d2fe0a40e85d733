import { closeCodes, type ServerFrame } from '@reveille/contracts';
import { defaultTimings } from '@reveille/edge';
import { people, type Person, type Visitor } from '../catalog.ts';
import type { EdgeSide } from '../network/user-socket.ts';
import type { Conversations } from './conversations.ts';
import type { Faults } from './faults.ts';
import type { Initializations } from './initializations.ts';

/** What was written before the end of a token still goes out, once the store has answered or was given up; and a step of the clock. Milliseconds. */
const lateMs = defaultTimings.brokerMs + 100;

/** Hears all that users hear, and has the invariants that are about it decided. */
export class Visits {
  readonly #faults: Faults;
  readonly #conversations: Conversations;
  readonly #initializations: Initializations;

  constructor(faults: Faults, of: { conversations: Conversations; initializations: Initializations }) {
    this.#faults = faults;
    this.#conversations = of.conversations;
    this.#initializations = of.initializations;
  }

  /** @param isKept whether the edge can write down what is said now */
  opened(visit: Visitor, socket: EdgeSide, isKept: () => boolean): void {
    const written = this.#initializations.opened(visit.id, socket);
    let session = '';
    socket.onWritten = (frame) => {
      written(frame);
      // Whoever stood still writes what had come before that first.
      const until = Math.max(visit.mayHearUntil?.() ?? Number.POSITIVE_INFINITY, socket.process?.thawedAt ?? 0);
      if (frame.type !== 'error' && Date.now() > until + lateMs)
        this.#faults.add(`${visit.id} was told "${frame.type}" after the end of his token`);
      if (frame.type === 'welcome') session = frame.session;
      if (frame.type === 'accepted') this.#conversations.promised(frame.id, session, isKept());
    };
  }

  /** A socket of a user is gone. */
  lost(code: number): void {
    if (code === closeCodes.tokenExpired.code) this.#faults.count('token_expired');
  }

  said(visit: Visitor, id: string): void {
    this.#conversations.said(visit, id);
  }

  heard(visit: Visitor, socket: object, raw: string): void {
    const frame = JSON.parse(raw) as ServerFrame;
    const { id, person, plan } = visit;
    // 8: nothing that names another user, his tenant, or an instance of theirs.
    const foreign = foreignTo.get(person.user)?.exec(raw)?.[0];
    if (foreign !== undefined) this.#faults.add(`${id} heard of ${foreign}: ${raw}`);
    this.#initializations.heard(id, socket, plan, frame);
    switch (frame.type) {
      case 'welcome':
        if (frame.user !== person.user || frame.tenant !== person.tenant)
          this.#faults.add(`${id} is taken for another`);
        return this.#conversations.welcomed(visit, frame);
      case 'message':
        return this.#conversations.message(visit, frame, raw);
      case 'accepted':
        return this.#conversations.accepted(visit, frame.id);
      case 'rejected':
        return this.#conversations.told([frame.id], 'rejected');
      case 'interrupted':
        return this.#conversations.told(frame.ids, 'interrupted');
      case 'initialization_failed':
        return this.#faults.count(frame.failure.code);
      case 'draining':
      case 'error':
        return this.#faults.count(frame.type);
      default:
        return;
    }
  }

  closed(visit: Visitor, code: number): void {
    this.#faults.note(`closed ${visit.id} ${code}`);
    this.#conversations.closed(visit);
  }
}

/** By user: all names of others, their tenants and their scopes, as far as they are not his own too. */
const foreignTo = new Map(
  people.map((person) => {
    const own = new Set(namesOf(person));
    const foreign = people.flatMap(namesOf).filter((name) => !own.has(name));
    return [person.user, new RegExp([...new Set(foreign)].join('|'))];
  }),
);

function namesOf({ user, tenant, keys }: Person): string[] {
  return [user, tenant, ...Object.values(keys)];
}
