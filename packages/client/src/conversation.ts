import type { ClientFrame, ServerFrame, ServerFrameOf } from '@reveille/contracts';
import { Answers } from './answers.ts';
import type { Resume } from './client.ts';
import type { Closed, Connection } from './connection.ts';
import { FrameListeners } from './frame-listeners.ts';
import { Outbox, type OutboxBounds } from './outbox.ts';
import { Readiness } from './readiness.ts';
import { Received } from './received.ts';
import type { ReconnectPolicy } from './reconnect.ts';
import { ReveilleError } from './reveille-error.ts';
import { isOfToken } from './token-renewal.ts';

/** What an edge counts messages in. */
const rateSecondMs = 1_000;

/** What was said in one session, and what each frame of the edge changes: the state that outlives a connection. */
export class Conversation {
  readonly listeners = new FrameListeners();
  readonly readiness = new Readiness();
  readonly answers = new Answers();
  readonly received = new Received((seq) => this.say({ type: 'received', seq }));
  readonly outbox: Outbox;
  readonly #policy: ReconnectPolicy;
  #connection: Connection | undefined;
  /** How to take up this session again; set by the first welcome, or given. */
  #resume: { session: string; key: string } | undefined;
  /** A `retry` was sent and nothing was heard of it yet. */
  #retrying = false;

  constructor(outbox: OutboxBounds, policy: ReconnectPolicy, from: Resume | undefined) {
    this.outbox = new Outbox(outbox);
    this.#policy = policy;
    if (from === undefined) return;
    this.#resume = { session: from.session, key: from.key };
    this.received.startAfter(from.lastSeq);
    for (const id of from.unanswered ?? []) this.answers.accepted(id);
  }

  /** The field `resume` of the next `hello`. */
  get resume(): Resume | undefined {
    if (this.#resume === undefined) return undefined;
    const { unanswered } = this.answers;
    return {
      ...this.#resume,
      lastSeq: this.received.lastSeq,
      ...(unanswered.length === 0 ? {} : { unanswered }),
    };
  }

  attach(connection: Connection): void {
    this.#connection = connection;
  }

  detach(): void {
    this.#connection = undefined;
    this.outbox.close();
  }

  /** Lost when nobody listens: whoever needs certainty waits for an answer. */
  say(frame: ClientFrame): void {
    this.#connection?.send(JSON.stringify(frame));
  }

  retry(): void {
    this.#retrying = true;
    this.readiness.move('waiting');
    this.say({ type: 'retry' });
  }

  hear(heard: ServerFrame, connection: Connection): void {
    const frame = heard.type === 'interrupted' ? this.answers.newly(heard) : heard;
    if (frame === undefined) return;
    if (frame.type === 'message') {
      const place = this.received.classify(frame.seq);
      if (place === 'seen') return;
      if (place === 'gap') return connection.abandon(`message ${this.received.lastSeq + 1} is missing`, 1002);
    }
    const lost = this.#handle(frame, connection);
    this.listeners.tell(frame);
    if (lost) this.listeners.tellListeners('interrupted', lost);
  }

  /** What a frame changes here. Returns what a welcome could not resume. */
  #handle(frame: ServerFrame, connection: Connection): ServerFrameOf<'interrupted'> | undefined {
    switch (frame.type) {
      case 'welcome':
        return this.#welcomed(frame, connection);
      case 'ping':
        this.say({ type: 'pong' });
        return;
      case 'message':
        this.received.note(frame.seq);
        this.answers.message(frame);
        return;
      case 'accepted':
        if (this.outbox.accept(frame.id)) this.answers.accepted(frame.id);
        return;
      case 'rejected':
        // Others of the same user talk too, or the network brought what was sent in one second within a shorter time.
        if (frame.code === 'rate_limited' && this.outbox.again(frame.id, frame.retryAfterMs ?? rateSecondMs)) return;
        this.#undeliverable(frame.id, new ReveilleError(frame.code, frame.message, frame));
        return;
      case 'interrupted':
        for (const id of frame.ids) this.#undeliverable(id, new ReveilleError('interrupted', frame.reason));
        return;
      case 'draining':
        this.#policy.hint(frame);
        return;
      case 'error':
        this.#refused(frame);
        return;
      case 'initialization_started':
        this.#retrying = false;
        this.readiness.move('waiting');
        return;
      case 'initialization_completed':
        this.#retrying = false;
        this.readiness.ready();
        return;
      case 'initialization_failed': {
        const { failure, message, retryAfterMs } = frame;
        this.#retrying = false;
        this.#policy.hint(frame);
        this.readiness.fail('failed', new ReveilleError(failure.code, message, { failure, retryAfterMs }));
        return;
      }
      case 'service_initializing':
      case 'service_completed':
      case 'service_failed':
      case 'initialization_slow':
        return;
    }
  }

  #welcomed(frame: ServerFrameOf<'welcome'>, connection: Connection): ServerFrameOf<'interrupted'> | undefined {
    const isNewSession = this.#resume !== undefined && !frame.resumed;
    const ids = isNewSession ? this.answers.open.filter((id) => !this.outbox.has(id)) : [];
    const reason = 'The session could not be resumed; these messages may not have been answered.';
    for (const id of ids) this.answers.fail(id, new ReveilleError('interrupted', reason));
    if (!frame.resumed) this.received.reset();
    this.#resume = { session: frame.session, key: frame.resumeKey };
    this.#policy.welcomed();
    this.readiness.move('waiting');
    this.outbox.open((text) => connection.send(text), frame.limits);
    return ids.length > 0 ? { type: 'interrupted', reason, ids } : undefined;
  }

  #refused(frame: ServerFrameOf<'error'>): void {
    const { code, message, id, retryAfterMs } = frame;
    const error = new ReveilleError(code, message, { retryAfterMs });
    this.#policy.hint({ retryAfterMs });
    if (id !== undefined) this.#undeliverable(id, error);
    else if (this.#retrying && !isOfToken(frame)) {
      this.#retrying = false;
      this.readiness.fail('failed', error);
    }
  }

  #undeliverable(id: string, error: ReveilleError): void {
    this.outbox.reject(id, error);
    this.answers.fail(id, error);
  }

  /** It is over: everybody who waits is told why. */
  finish(closed: Closed): void {
    const { failure, retryAfterMs } = this.readiness.error ?? {};
    const error = new ReveilleError(
      failure?.code ?? 'closed',
      failure?.message ?? `The connection ended (${closed.code}${closed.reason === '' ? '' : `, ${closed.reason}`}).`,
      { failure, retryAfterMs, closeCode: closed.code },
    );
    this.received.reset();
    this.readiness.fail('closed', error);
    this.outbox.rejectAll(error);
    this.answers.failAll(error);
    this.listeners.end();
  }
}
