import type { KeyObject } from 'node:crypto';
import {
  type ClientFrame,
  closeCodes,
  type LedgerRecord,
  mayReconnect,
  type Principal,
  refusalCodes,
  type RefusalCode,
  type ServerFrame,
} from '@reveille/contracts';
import type { ContentRules, ResumedSession } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import type { RawData } from 'ws';
import type { Audience, Prepared } from '../deliver/encoded.ts';
import type { PlanGroup } from '../deliver/plan-group.ts';
import { ToldEnds } from '../deliver/told-ends.ts';
import type { KeptSession } from '../keep/kept-session.ts';
import type { EdgeTimings } from '../timings.ts';
import { GaveUp, type Wanting } from '../want/want-plan.ts';
import { admitMessage, isLimit } from './admit-message.ts';
import { readClientFrame } from './dispatch.ts';
import { Heartbeat } from './heartbeat.ts';
import { Inbox } from './inbox.ts';
import type { Place } from '../limit/connection-leases.ts';
import { Outbox } from './outbox.ts';
import type { SessionOf } from './session-of.ts';
import type { Stage } from './stage.ts';
import { Standing } from './standing.ts';
import { Throttle } from './throttle.ts';

/** One user's conversation with an entrypoint: what it says is dispatched here; what becomes of it is `converse`. */
export class Session implements Wanting {
  readonly id: string;
  readonly place: Place;
  readonly group: PlanGroup;
  readonly rules: ContentRules;
  readonly signingKey: KeyObject;
  readonly timings: EdgeTimings;
  readonly quietAfterMs: number | undefined;
  readonly logger: Logger;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly kept: KeptSession | undefined;
  /** Of a session that is continued: what its last edge had accepted, until it is known who answers that now. */
  from: ResumedSession | undefined;
  readonly numbering: { seq: number; stored: number };
  readonly toldEnds = new ToldEnds();
  stage: Stage = { doing: 'wanting', giveUp: new AbortController() };
  readonly #onLimit: (limit: string) => void;
  readonly #heartbeat: Heartbeat;
  readonly #standing: Standing;
  readonly #throttle: Throttle;
  readonly #over = new AbortController();
  /** While somebody waits for it. */
  #change: PromiseWithResolvers<void> | undefined;
  #endedWith: number | undefined;
  /** It was not told all that has changed. */
  #isBehind = false;

  constructor(of: SessionOf) {
    this.id = of.id;
    this.place = of.place;
    this.group = of.group;
    this.rules = of.rules;
    this.signingKey = of.signingKey;
    this.timings = of.timings;
    this.quietAfterMs = of.quietAfterMs;
    this.logger = of.logger;
    this.kept = of.kept;
    this.from = of.from;
    this.numbering = { seq: of.from?.seq ?? 0, stored: of.from?.stored ?? 0 };
    this.inbox = new Inbox(of.group.entrypoint.limits);
    if (of.from !== undefined) this.inbox.restore(of.from);
    this.outbox = new Outbox(of, of.timings, (high) => this.#pressure(high));
    this.#onLimit = of.onLimit;
    this.#heartbeat = new Heartbeat(this.outbox, of.timings.heartbeatMs);
    this.#standing = new Standing(of.principal, of.authenticate, this.outbox);
    const { messagesPerSecond: limit } = of.group.entrypoint.limits;
    const allowance = of.allowances.of(of.group.name, of.place.user, limit, this.signal);
    this.#throttle = new Throttle({ socket: of.socket, outbox: this.outbox, allowance, limit, timings: of.timings });
    if (this.kept !== undefined)
      this.kept.onTakenOver = () => this.outbox.close(closeCodes.done, 'continued elsewhere');
  }

  /** Aborts when the socket has closed. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** The socket has closed, with this code. */
  ended(code: number): void {
    this.#endedWith = code;
    for (const part of [this.outbox, this.#heartbeat, this.#standing, this.#throttle]) part[Symbol.dispose]();
    this.#over.abort();
  }

  /** Whether its client may come back to it, or has come back elsewhere: it said no goodbye, and was not sent away. */
  get mayContinue(): boolean {
    if (this.kept?.isTakenOver) return true;
    const code = this.outbox.closedWith?.code ?? this.#endedWith;
    return this.kept !== undefined && code !== undefined && code !== closeCodes.done.code && mayReconnect(code);
  }

  get principal(): Principal {
    return this.#standing.principal;
  }

  get stored(): number {
    return this.numbering.stored;
  }

  get audience(): Audience {
    const { logTailFor } = this.group.entrypoint;
    return this.principal.roles.some((role) => logTailFor.includes(role)) ? 'with_log_tail' : 'without_log_tail';
  }

  /** A client that does not keep up is told no state between two others: when it has read, it is told how things are then. */
  tell(frames: Prepared): void {
    this.#isBehind ||= this.outbox.isHigh;
    if (!this.#isBehind) this.outbox.writeWhole(frames);
  }

  #pressure(high: boolean): void {
    if (this.stage.doing === 'talking') this.stage.talk.pause(high);
    if (high || !this.#isBehind) return;
    this.#isBehind = false;
    this.group.catchUp(this);
  }

  settled(): void {
    this.#change?.resolve();
    this.#change = undefined;
  }

  targetChanged(record: LedgerRecord): void {
    if (this.stage.doing === 'talking') this.stage.talk.recheck(record);
    this.settled();
  }

  nextChange(): Promise<void> {
    return (this.#change ??= Promise.withResolvers()).promise;
  }

  /** One WebSocket message of the client. */
  hear(data: RawData, isBinary: boolean): void {
    if (this.outbox.closedWith !== undefined || !this.#standing.holds()) return;
    this.#throttle.frame();
    const read = readClientFrame(data, isBinary);
    switch (read.kind) {
      case 'frame':
        return this.#dispatch(read.frame);
      case 'malformed':
        return this.outbox.close(closeCodes.malformed, `malformed frame: ${read.reason}`);
      case 'refused': {
        const { kind: _, ...error } = read;
        return this.outbox.send({ type: 'error', ...error });
      }
    }
  }

  #dispatch(frame: ClientFrame): void {
    switch (frame.type) {
      case 'hello':
        return this.#error('bad_frame', 'hello comes once, as the first frame.');
      case 'send':
        return this.#send(frame.id, frame.data);
      case 'received':
        return void this.kept?.received(frame.seq);
      case 'retry':
        return this.#retry();
      case 'cancel':
        return this.#cancel();
      case 'refresh':
        return void this.#refresh(frame.token);
      case 'pong':
        return this.#heartbeat.pong();
    }
  }

  #send(id: string, data: unknown): void {
    if (this.stage.doing === 'failed') return this.reject(id, 'not_ready');
    const into = { entrypoint: this.group.entrypoint, throttle: this.#throttle, inbox: this.inbox };
    const admitted = admitMessage(id, data, into);
    if (admitted.kind === 'held') return this.#deliver();
    const { kind: type, ...why } = admitted;
    if ('code' in why && isLimit(why.code)) this.#onLimit(why.code);
    this.outbox.send({ type, id, ...why } as ServerFrame);
  }

  /** What is held goes to the service: at once, or once a quiet session is an interest again. */
  #deliver(): void {
    const { stage } = this;
    if (stage.doing === 'quiet') stage.wake();
    else if (stage.doing === 'talking') stage.presence.traffic(() => stage.talk.flush());
  }

  reject(id: string, code: RefusalCode): void {
    this.outbox.send({ type: 'rejected', id, code, message: refusalCodes[code] });
  }

  #retry(): void {
    const { stage } = this;
    if (stage.doing !== 'failed') return this.#error('not_ready', 'Nothing has failed that could be tried again.');
    const retryAfterMs = Math.ceil(stage.retryAt - performance.now());
    if (retryAfterMs <= 0) {
      // From this frame on: a message that follows at once is held for the new initialization.
      this.stage = { doing: 'wanting', giveUp: new AbortController() };
      return stage.retry();
    }
    const message = 'It can be tried again when retryAfterMs have passed.';
    this.outbox.send({ type: 'error', code: 'cooling_down', message, retryAfterMs });
  }

  #cancel(): void {
    switch (this.stage.doing) {
      case 'wanting':
        return this.stage.giveUp.abort(new GaveUp('cancelled'));
      case 'talking':
      case 'quiet':
        return this.#error('not_ready', 'No initialization is under way.');
      case 'failed':
        return this.outbox.close(closeCodes.done);
    }
  }

  async #refresh(token: string): Promise<void> {
    const refused = await this.#standing.renew(token);
    if (refused !== undefined) this.outbox.send({ type: 'error', ...refused });
    else if (this.stage.doing === 'talking') this.stage.talk.authorize(this.principal.roles);
  }

  #error(code: RefusalCode, message: string): void {
    this.outbox.send({ type: 'error', code, message });
  }
}
