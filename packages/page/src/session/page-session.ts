import { connect, type Json, type ReveilleClient, ReveilleError } from '@reveille/client';
import { closeCodes } from '@reveille/contracts/close-code';
import type { Action } from '../state/action.ts';
import type { Sent } from '../state/conversation.ts';
import type { PageDescription } from '@reveille/contracts';
import { stopOf } from '../state/stops.ts';
import { leaveSession, takeLeftSession } from './left-session.ts';
import type { Visit } from './visit.ts';

/** How often the page looks whether the client has lost its connection; there is no frame that could say so. */
const lookMs = 250;

/** The clock of everything that the page measures. */
export const now = (): number => performance.now();

/** What the page does with an edge: connects, tells what happens, sends. */
export class PageSession {
  readonly #tell: (action: Action) => void;
  #client: ReveilleClient | undefined;
  #entrypoint = '';

  constructor(tell: (action: Action) => void) {
    this.#tell = tell;
    addEventListener('pagehide', () => {
      const resume = this.#client?.resume;
      if (resume !== undefined) leaveSession(this.#entrypoint, resume);
    });
    // It comes back as it was: nobody else may go on with its session.
    addEventListener('pageshow', () => takeLeftSession(this.#entrypoint));
  }

  /** Ends the session before, if there is one, and begins a new one. */
  connect(visit: Visit, auth: PageDescription['auth'], token: string | undefined): void {
    this.#client?.close();
    this.#entrypoint = visit.entrypoint;
    const resume = takeLeftSession(visit.entrypoint);
    const client = connect({
      url: location.origin,
      entrypoint: visit.entrypoint,
      client: { name: 'reveille-page', version: '0.1.0' },
      ...(auth === 'none' ? { as: { user: visit.user, tenant: visit.tenant } } : {}),
      ...(token === undefined ? {} : { token }),
      ...(resume === undefined ? {} : { resume }),
    });
    this.#client = client;
    this.#tell({ type: 'connecting', resumes: resume !== undefined });
    // What was left belongs to somebody else: whoever is here now has lost nothing.
    const anew = (): void => this.connect(visit, auth, token);
    this.#follow(client, resume === undefined ? undefined : anew);
  }

  send(message: Omit<Sent, 'kind' | 'delivery' | 'id'> & { data: Json }): void {
    const id = messageId();
    this.#tell({ type: 'said', message: { ...message, id } });
    this.#send(id, message.data);
  }

  /** Asks the service to end the answer to a message. */
  stop(id: string): void {
    const request = messageId();
    this.#tell({ type: 'stopping', id, request });
    this.#send(request, stopOf(id));
  }

  #send(id: string, data: Json): void {
    // `accepted` comes as a frame; the promise is for what never reaches an edge.
    this.#client?.send(data, { id }).catch((error: unknown) => {
      const why = error instanceof ReveilleError ? error.message : String(error);
      this.#tell({ type: 'refused', id, why });
    });
  }

  retry(): void {
    this.#client?.retry();
  }

  cancel(): void {
    this.#client?.cancel();
  }

  /** @param onForbidden instead of the end, where the session that was to be taken up is not this user's */
  #follow(client: ReveilleClient, onForbidden: (() => void) | undefined): void {
    const current = (): boolean => this.#client === client;
    client.on('*', (frame) => {
      // Heard below, where the client's own come too.
      if (current() && frame.type !== 'interrupted') this.#tell({ type: 'frame', frame, now: now() });
    });
    client.on('interrupted', (frame) => {
      if (current()) this.#tell({ type: 'frame', frame, now: now() });
    });
    const look = setInterval(() => {
      if (current() && client.state === 'connecting') this.#tell({ type: 'lost' });
    }, lookMs);
    void client.closed.then((closed) => {
      clearInterval(look);
      if (!current()) return;
      if (closed.code === closeCodes.forbidden.code && onForbidden !== undefined) onForbidden();
      else this.#tell({ type: 'closed', closed });
    });
  }
}

/** `crypto.randomUUID` is there on secure origins only. */
function messageId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
