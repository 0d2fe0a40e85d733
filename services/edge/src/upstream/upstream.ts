import { type LedgerRecord, upstreamCloseCodes, upstreamEvent } from '@reveille/contracts';
import { TurnWrites } from '@reveille/lifecycle';
import type { Json } from '@reveille/orchestration';
import type { RawData, WebSocket } from 'ws';
import type { Connected } from './connect.ts';
import { parseJson } from './json-text.ts';

/** Something that a service says to its user. `n`: its number in the session, absent for a bare upstream. */
export type Emitted = { n?: number; re?: string; final?: boolean; data: Json };

export interface UpstreamListener {
  /** The service has taken this message: it is the service's to answer. `lost`: nothing of what it said of it may ever be heard. */
  onTaken(id: string, lost: boolean): void;
  onEmitted(emitted: Emitted): void;
  /** Called once; nothing is heard afterwards. */
  onEnd(end: UpstreamEnd): void;
}

export type UpstreamEnd =
  /** The service, or the way to it, is gone. */
  | { why: 'closed'; code: number; reason: string }
  /** It broke the protocol: what it says cannot be understood, so nothing of it may pass. */
  | { why: 'malformed'; reason: string }
  /** The edge ended it (`end`). */
  | { why: 'ended' };

/** An open connection to the generation that serves a session. Speaks `reveille.upstream.v1` or passes bare frames. */
export class Upstream {
  readonly record: LedgerRecord;
  readonly speaks: Connected['speaks'];
  /** The service says that it knows nothing of the session from before. */
  readonly isNew: boolean;
  /** Of the user, as the assertion of this connection told the service. */
  readonly roles: readonly string[];
  readonly #websocket: WebSocket;
  readonly #writes: TurnWrites;
  readonly #frames: 'json' | 'text';
  #listener: UpstreamListener | undefined;

  constructor(of: { connected: Connected; record: LedgerRecord; frames: 'json' | 'text'; roles: readonly string[] }) {
    this.#websocket = of.connected.websocket;
    this.#writes = new TurnWrites(of.connected.connection);
    this.speaks = of.connected.speaks;
    this.isNew = of.connected.isNew;
    this.record = of.record;
    this.roles = of.roles;
    this.#frames = of.frames;
  }

  /** Begins to listen. Until now the connection was paused, so that nothing is lost. */
  start(listener: UpstreamListener): void {
    this.#listener = listener;
    this.#websocket.on('message', (data, isBinary) => this.#hear(data, isBinary));
    this.#websocket.once('close', (code, reason) => this.#over({ why: 'closed', code, reason: String(reason) }));
    if (this.#websocket.readyState !== this.#websocket.OPEN) {
      this.#over({ why: 'closed', code: 1006, reason: 'it closed before anything was said' });
    } else this.#websocket.resume();
  }

  /** @param encoded the data as JSON @param written bare upstreams: whether the socket took it, called once */
  deliver(id: string, encoded: string, written: (ok: boolean) => void): void {
    this.#writes.gather();
    if (this.speaks === 'v1') {
      this.#websocket.send(`{"type":"deliver","id":${JSON.stringify(id)},"data":${encoded}}`, ignoreLoss);
    } else {
      const text = this.#frames === 'text' ? String(JSON.parse(encoded)) : encoded;
      this.#websocket.send(text, (error) => written(error === undefined || error === null));
    }
  }

  /** The frame with this number was handed to the client: the service may forget it. */
  stored(n: number): void {
    this.#writes.gather();
    this.#websocket.send(`{"type":"stored","n":${n}}`, ignoreLoss);
  }

  pause(): void {
    if (this.#websocket.readyState === this.#websocket.OPEN) this.#websocket.pause();
  }

  resume(): void {
    if (this.#websocket.readyState === this.#websocket.OPEN) this.#websocket.resume();
  }

  /** `session_over`: the service forgets the session. `leave`: it may be continued from another connection. */
  end(how: 'session_over' | 'leave'): void {
    this.#over({ why: 'ended' });
    const { code, reason } =
      how === 'session_over' ? upstreamCloseCodes.ended : { code: 1000, reason: 'connection left' };
    // A paused socket would not read the answer to its close.
    this.resume();
    this.#websocket.close(code, reason);
  }

  #over(end: UpstreamEnd): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onEnd(end);
  }

  #malformed(reason: string): void {
    this.#over({ why: 'malformed', reason });
    this.resume();
    this.#websocket.close(upstreamCloseCodes.malformed.code, upstreamCloseCodes.malformed.reason);
  }

  #hear(data: RawData, isBinary: boolean): void {
    if (this.#listener === undefined) return;
    if (isBinary) return this.#malformed('a binary frame');
    const text = String(data);
    if (this.speaks === 'bare' && this.#frames === 'text') return this.#listener.onEmitted({ data: text });
    const parsed = parseJson(text);
    if (!parsed.ok)
      return this.#malformed(parsed.why === 'not_json' ? 'a frame that is not JSON' : 'a frame nested too deep');
    if (this.speaks === 'bare') return this.#listener.onEmitted({ data: parsed.json });
    this.#hearEvent(parsed.json);
  }

  #hearEvent(json: Json): void {
    if (typeof json !== 'object' || json === null || !('type' in json))
      return this.#malformed(`not an event of the protocol`);
    const { data } = json as { data?: Json };
    // The schema sees the envelope only: the data stays the value that was parsed, whatever its keys are called.
    const event = upstreamEvent.safeParse(data === undefined ? json : { ...json, data: null });
    if (!event.success) return this.#malformed('an event with a missing or wrong field');
    if (event.data.type === 'taken') return this.#listener?.onTaken(event.data.id, event.data.lost === true);
    if (data === undefined || (this.#frames === 'text' && typeof data !== 'string'))
      return this.#malformed('an emit without text');
    const { n, re, final } = event.data;
    this.#listener?.onEmitted({
      n,
      ...(re === undefined ? {} : { re }),
      ...(final === undefined ? {} : { final }),
      data,
    });
  }
}

/** A send that fails is followed by `close`, which says what is lost. */
function ignoreLoss(): void {}
