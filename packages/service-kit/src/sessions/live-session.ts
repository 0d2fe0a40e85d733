import { upstreamCloseCodes, upstreamCommand, type UpstreamEvent } from '@reveille/contracts';
import type { WebSocket } from 'ws';
import type { Visitor } from './admit.ts';
import { EmitLog } from './emit-log.ts';
import { Inbox } from './inbox.ts';
import type { SessionLimits } from './session-limits.ts';
import type { UpstreamSession } from './upstream-session.ts';

type UpstreamClose = (typeof upstreamCloseCodes)[keyof typeof upstreamCloseCodes];

/** One session of the service: at most one connection of an edge now, the same inbox and emits throughout. */
export class LiveSession {
  readonly upstream: UpstreamSession;
  readonly #who: { roles: readonly string[] | undefined };
  readonly user: string;
  readonly #inbox: Inbox;
  readonly #emits: EmitLog;
  readonly #ended = new AbortController();
  readonly #lingerMs: number;
  readonly #onEnd: () => void;
  #connection: WebSocket | undefined;
  #linger: NodeJS.Timeout | undefined;

  /** @param taken ids that an earlier life of this session took */
  constructor(
    visitor: Visitor,
    options: { limits: SessionLimits; lingerMs: number; taken: Iterable<string>; onEnd: () => void },
  ) {
    this.#lingerMs = options.lingerMs;
    this.#onEnd = options.onEnd;
    this.#inbox = new Inbox(options.limits, options.taken, (id) => this.#say({ type: 'taken', id }));
    this.#emits = new EmitLog(options.limits, visitor.stored, (frame) => this.#connection?.send(frame));
    const { session, stored: _stored, roles, ...who } = visitor;
    const standing = (this.#who = { roles });
    this.user = who.user;
    this.upstream = {
      id: session,
      ...who,
      get roles() {
        return standing.roles;
      },
      messages: this.#inbox,
      emit: (data, emitOptions = {}) => this.#emits.append(data, emitOptions),
      signal: this.#ended.signal,
    };
  }

  get takenIds(): Iterable<string> {
    return this.#inbox.takenIds;
  }

  /** False when what this session has kept does not continue what the edge has: then only a fresh session can serve it. */
  continuesFrom(stored: number): boolean {
    return this.#emits.continuesFrom(stored);
  }

  /** Carries the session over this connection from now on, with the roles that it came with; an older connection is closed. */
  attach(connection: WebSocket, { stored, roles }: Pick<Visitor, 'stored' | 'roles'>): void {
    this.#who.roles = roles;
    const older = this.#connection;
    if (older) close(older, upstreamCloseCodes.replaced);
    clearTimeout(this.#linger);
    this.#connection = connection;
    connection.on('message', (data, isBinary) => {
      if (this.#connection === connection) this.#hear(connection, String(data), isBinary);
    });
    connection.on('close', (code, reason) => {
      if (this.#connection !== connection) return;
      this.#connection = undefined;
      const { ended } = upstreamCloseCodes;
      if (code === ended.code && String(reason) === ended.reason) this.end(ended, 'the edge ended the session');
      else this.#linger = setTimeout(() => this.end(ended, 'the edge did not come back'), this.#lingerMs);
    });
    this.#emits.resume(stored);
  }

  /** Ends the session for good: the signal is aborted, its connection closed. Harmless when it has ended. */
  end(why: UpstreamClose, reason: string): void {
    if (this.#ended.signal.aborted) return;
    clearTimeout(this.#linger);
    const error = new DOMException(`The session is over: ${reason}.`, 'AbortError');
    this.#onEnd();
    this.#ended.abort(error);
    this.#inbox.end();
    this.#emits.end(error);
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection) close(connection, why);
  }

  #hear(connection: WebSocket, text: string, isBinary: boolean): void {
    const command = isBinary ? undefined : parse(text);
    if (command === undefined) return close(connection, upstreamCloseCodes[isBinary ? 'malformed' : 'notJson']);
    const carried = dataOf(command.json);
    // The schema sees the envelope only: the data stays the value that was parsed, whatever its keys are called.
    const envelope = carried === undefined ? command.json : { ...(command.json as object), data: null };
    const { success, data: frame } = upstreamCommand.safeParse(envelope);
    if (!success) return close(connection, upstreamCloseCodes.malformed);
    switch (frame.type) {
      case 'stored':
        if (!this.#emits.confirm(frame.n)) close(connection, upstreamCloseCodes.malformed);
        return;
      case 'deliver': {
        const offer = this.#inbox.offer({ id: frame.id, data: carried as typeof frame.data }, Buffer.byteLength(text));
        if (offer === 'full') close(connection, upstreamCloseCodes.full);
        // Its `taken` was lost with an earlier connection.
        else if (offer !== 'queued')
          this.#say({ type: 'taken', id: frame.id, ...(offer === 'lost' ? { lost: true } : {}) });
        return;
      }
    }
  }

  #say(event: UpstreamEvent): void {
    this.#connection?.send(JSON.stringify(event));
  }
}

function close(connection: WebSocket, { code, reason }: UpstreamClose): void {
  connection.close(code, reason);
}

function dataOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, 'data')
    ? (json as { data: unknown }).data
    : undefined;
}

function parse(text: string): { json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    // The caller closes 1007.
    return undefined;
  }
}
