import type { InstanceKey, ServerFrameOf } from '@reveille/contracts';
import type { RunName } from '@reveille/orchestration';
import type { Visitor } from '../catalog.ts';
import type { Partner, Said, ServiceWitness } from '../service.ts';
import type { Faults } from './faults.ts';

type Message = {
  readonly visit: Visitor;
  /** What took it, in order. */
  readonly taken: { readonly run: string; readonly session: string; readonly speaks: 'v1' | 'bare' }[];
  accepted: boolean;
  /** The session that it was accepted in, by an edge that could write that down; and whether by one that could not. */
  promisedIn: string | undefined;
  isUnkept: boolean;
  /** A failover may have lost that it was accepted. */
  mayBeForgotten: boolean;
  /** Something was heard since it was accepted that does not say what it answers: to a client, perhaps this. */
  mayBeAnswered: boolean;
  /** Answered to the end, refused, or named as what may never be answered. */
  settled: boolean;
};

type Emitted = { readonly run: RunName; readonly partner: Partner; heard: boolean };

/** What of a session its client knows. */
type Known = { session: string; lastSeq: number; generation: number };

/**
 * 1: the frames of a session come from one generation at a time. 6: each was said, byte for byte, by a proven ready generation, in this
 * session. 7: what was accepted was delivered, once, and answered, or the user was told. 8: to nobody else.
 */
export class Conversations implements ServiceWitness {
  readonly #faults: Faults;
  readonly #wasReady: (run: RunName) => boolean;
  readonly #messages = new Map<string, Message>();
  readonly #emitted = new Map<string, Emitted>();
  /** What is not said again, should it not have been heard. */
  readonly #forgotten = new Set<string>();
  readonly #known = new Map<Visitor, Known>();
  /** Sessions of which something was said or taken while their store could not be written, or that were lost with it. */
  #emptied = false;

  constructor(faults: Faults, wasReady: (run: RunName) => boolean) {
    this.#faults = faults;
    this.#wasReady = wasReady;
  }

  /** All that was kept is lost: what was accepted before is known only to the edges that have its sessions, until they write it down again. */
  emptied(): void {
    for (const message of this.#messages.values()) message.promisedIn = undefined;
    this.#emptied = true;
  }

  /** What was written last is lost. */
  failedOver(): void {
    for (const message of this.#messages.values()) message.mayBeForgotten ||= message.accepted;
    this.emptied();
  }

  said(visit: Visitor, id: string): void {
    this.#messages.set(id, {
      visit,
      taken: [],
      accepted: false,
      promisedIn: undefined,
      isUnkept: false,
      mayBeForgotten: false,
      mayBeAnswered: false,
      settled: false,
    });
  }

  took(run: RunName, speaks: 'v1' | 'bare', partner: Partner, { id, user, tenant }: Said): void {
    const message = this.#messages.get(id);
    if (message === undefined) return this.#faults.add(`${run.name} was given a message that nobody said`);
    if (user !== partner.user || tenant !== partner.tenant)
      this.#faults.add(`${run.name} was given a message of ${user} in a session of ${partner.user}`);
    // The exceptions are what no store knows: it was emptied, or could not be reached by the edge that had this delivered.
    const isKnown = !message.isUnkept && !this.#emptied;
    const before = message.taken.filter(({ session }) => session === partner.session);
    const isAgain = speaks === 'v1' ? before.some((one) => one.run === run.name) : before.length > 0 && isKnown;
    if (isAgain) this.#faults.add(`${run.name} was given ${id} again, which ${before[0]?.run} had`);
    // What speaks no protocol has a message when its socket has.
    if (speaks === 'v1' && message.promisedIn === partner.session && isKnown)
      this.#faults.add(`${id} was given to ${run.name} after it had been accepted`);
    message.taken.push({ run: run.name, session: partner.session, speaks });
    this.#faults.count('taken');
  }

  says(run: RunName, partner: Partner, data: string): void {
    this.#emitted.set(data, { run, partner, heard: false });
  }

  forgot(run: RunName, { session }: Partner): void {
    for (const [data, { run: by, partner }] of this.#emitted)
      if (by.name === run.name && partner.session === session) this.#forgotten.add(data);
  }

  welcomed(visit: Visitor, { session, resumed }: ServerFrameOf<'welcome'>): void {
    const known = this.#known.get(visit);
    this.#faults.count(resumed ? 'resumed' : known === undefined ? 'welcomed' : 'begun-anew');
    if (resumed && known?.session !== session) this.#faults.add(`${visit.id} was given a session that is not its own`);
    if (resumed) {
      for (const message of this.#of(visit)) message.settled ||= isUnknown(message);
      return;
    }
    // Whoever is told that his session begins anew knows that what was not answered may never be.
    for (const message of this.#of(visit)) message.settled ||= message.accepted;
    this.#known.set(visit, { session, lastSeq: 0, generation: 0 });
  }

  message(visit: Visitor, { seq, data, origin, re, final }: ServerFrameOf<'message'>, raw: string): void {
    const known = this.#known.get(visit);
    if (known === undefined) return this.#faults.add(`${visit.id} heard a message before its welcome`);
    this.#faults.count('heard');
    const text = JSON.stringify(data);
    const emitted = this.#emitted.get(text);
    if (emitted === undefined || !raw.includes(`"data":${text}`))
      return this.#faults.add(`${visit.id} heard what no service said: ${raw}`);
    const { run, partner } = emitted;
    if (
      partner.session !== known.session ||
      partner.user !== visit.person.user ||
      partner.tenant !== visit.person.tenant
    )
      this.#faults.add(`${visit.id} heard what ${run.name} said to ${partner.user} in ${partner.session}`);
    if (origin.generation !== run.generation || run.instance !== visit.plan.target || !this.#wasReady(run))
      this.#faults.add(`${visit.id} heard ${run.name}, which was not what was ready for it`);
    if (re !== undefined) {
      const message = this.#messages.get(re);
      if (message?.visit !== visit) this.#faults.add(`${visit.id} heard an answer to ${re}, which it did not ask`);
    }
    // It came before, on a socket that broke before its client could say so.
    if (seq <= known.lastSeq) return;
    if (seq > known.lastSeq + 1) this.#faults.add(`${visit.id} heard message ${seq} after ${known.lastSeq}`);
    if (emitted.heard) this.#faults.add(`${visit.id} heard twice what ${run.name} said once`);
    if (run.generation < known.generation) this.#faults.add(`${visit.id} heard ${run.name} after a newer generation`);
    Object.assign(known, { lastSeq: seq, generation: run.generation });
    emitted.heard = true;
    if (re === undefined) for (const one of this.#of(visit)) one.mayBeAnswered ||= one.accepted;
    const about = re ?? (data as { re?: string }).re;
    const isLast = final ?? (data as { final?: boolean }).final;
    if (about !== undefined && isLast) this.#settle(about);
  }

  /** An edge says that it is accepted. @param isKept whether the store knows: then no edge may have it delivered again in this session */
  promised(id: string, session: string, isKept: boolean): void {
    const message = this.#messages.get(id);
    if (message === undefined) return this.#faults.add(`${id} was accepted, and nobody said it`);
    if (isKept) message.promisedIn = session;
    else message.isUnkept = true;
    if (!isKept) this.#faults.count('unkept');
  }

  accepted(visit: Visitor, id: string): void {
    const message = this.#messages.get(id);
    if (message?.visit !== visit) return this.#faults.add(`${visit.id} was told of ${id}, which it did not say`);
    message.accepted = true;
    this.#faults.count('accepted');
    const known = this.#known.get(visit);
    const isTaken = message.taken.some(({ session }) => session === known?.session);
    if (visit.entrypoint !== 'room' && !isTaken && !message.settled)
      this.#faults.add(`${id} was accepted, and no service had taken it`);
  }

  /** It may never be answered, or was not taken at all. */
  told(ids: readonly string[], how: 'interrupted' | 'rejected'): void {
    this.#faults.count(how, ids.length);
    for (const id of ids) this.#settle(id);
  }

  /** He left: nobody waits for anything any more. */
  closed(visit: Visitor): void {
    for (const message of this.#of(visit)) message.settled = true;
    this.#known.delete(visit);
  }

  /** Once all is calm: what was accepted and neither answered nor named as lost; and what was said to somebody and never reached him. */
  missing(running: (run: RunName) => boolean): string[] {
    const messages = [...this.#messages].filter(([, { accepted, settled }]) => accepted && !settled);
    const sessions = new Map([...this.#known].map(([visit, { session }]) => [session, visit] as const));
    const kept = [...this.#emitted].flatMap(([data, emitted]) => (this.#forgotten.has(data) ? [] : [emitted]));
    const unheard = kept.filter(({ run, partner, heard }) => {
      const visit = sessions.get(partner.session);
      return !heard && visit !== undefined && visit.entrypoint !== 'room' && running(run);
    });
    return [
      ...messages.map(
        ([id, { taken }]) => `${id} was accepted (${taken.map(({ run }) => run).join()}), and nothing came of it`,
      ),
      ...unheard.map(({ run, partner }) => `what ${run.name} said in ${partner.session} was not heard`),
    ];
  }

  #settle(id: string): void {
    const message = this.#messages.get(id);
    if (message) message.settled = true;
  }

  #of(visit: Visitor): Message[] {
    return [...this.#messages.values()].filter((message) => message.visit === visit);
  }
}

/**
 * What an edge accepted without the store, or what a failover lost, is known to that edge alone, to its service, and to a client that says
 * what it waits for.
 */
function isUnknown({ visit, isUnkept, mayBeForgotten, mayBeAnswered }: Message): boolean {
  return (isUnkept || mayBeForgotten) && (!visit.saysUnanswered || mayBeAnswered);
}

/** 1: an edge never accepts from a lower generation than it has accepted from. */
export class Dials {
  readonly #faults: Faults;
  readonly #highest = new Map<string, number>();

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  dialled(edge: string, instance: InstanceKey, generation: number): void {
    const key = `${edge} ${instance}`;
    const highest = this.#highest.get(key) ?? 0;
    this.#faults.count('dialled');
    if (generation < highest) this.#faults.add(`${edge} connected to an older generation of ${instance} than before`);
    this.#highest.set(key, Math.max(highest, generation));
  }
}
