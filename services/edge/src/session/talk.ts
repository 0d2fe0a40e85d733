import { closeCodes, failureCodes, type LedgerRecord } from '@reveille/contracts';
import type { ContentRules } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import { encode } from '../deliver/encoded.ts';
import type { KeptSession } from '../keep/kept-session.ts';
import { mayServe } from '../upstream/provenance.ts';
import type { Emitted, Upstream, UpstreamEnd } from '../upstream/upstream.ts';
import type { Inbox } from './inbox.ts';
import type { Outbox } from './outbox.ts';

export type TalkEnd =
  /** The service is gone, or this generation may serve no more. `detail` is for the log: the service had a hand in it. */
  | { why: 'lost' | 'replaced'; detail: string }
  /** The user has other roles than the service was told: it is to be told anew. */
  | { why: 'roles_changed' }
  /** It broke the protocol of the upstream. */
  | { why: 'malformed'; detail: string }
  /** A frame broke a content rule: the session ends. */
  | { why: 'blocked' }
  | { why: 'session_over' };

export type TalkParts = {
  readonly upstream: Upstream;
  readonly traceId: string;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly rules: ContentRules;
  readonly logger: Logger;
  /** The number of the last `message` frame. */
  readonly numbering: { seq: number; stored: number };
  readonly kept: KeptSession | undefined;
  onBlocked(rule: string): void;
  /** The service says something to the user. */
  onEmitted(): void;
};

/** The user and the proven upstream of one ready generation talk. No frame of the service passes that was not judged here. */
export class Talk {
  readonly ended: Promise<TalkEnd>;
  readonly #parts: TalkParts;
  readonly #end = Promise.withResolvers<TalkEnd>();
  #over = false;

  constructor(parts: TalkParts) {
    this.#parts = parts;
    this.ended = this.#end.promise;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Frames begin to flow, in both directions. */
  begin(): void {
    this.flush();
    this.#parts.upstream.start({
      onTaken: (id, lost) => this.#taken(id, lost),
      onEmitted: (emitted) => this.#emitted(emitted),
      onEnd: (end) => this.#upstreamEnded(end),
    });
  }

  /** Sends what is held, in order. */
  flush(): void {
    if (this.#over) return;
    const { inbox, upstream, kept } = this.#parts;
    for (const { id, encoded } of inbox.unsent()) {
      if (upstream.speaks === 'bare' && kept !== undefined) void this.#deliverOnce(id, encoded, kept);
      else this.#deliver(id, encoded);
    }
  }

  /** A bare upstream cannot tell what it has had: that a message goes out is kept before it does, so that no edge sends it again. */
  async #deliverOnce(id: string, encoded: string, kept: KeptSession): Promise<void> {
    const { inbox, upstream, outbox } = this.#parts;
    const accepted = await kept.accept(id, upstream.record.generation);
    if (this.#over || accepted === 'other_edge') return;
    if (accepted === 'new') return this.#deliver(id, encoded);
    inbox.drop(id);
    const message = 'It may have been delivered before; send it under another id.';
    outbox.send({ type: 'rejected', id, code: 'service_lost', message });
  }

  #deliver(id: string, encoded: string): void {
    const { inbox, upstream, outbox } = this.#parts;
    upstream.deliver(id, encoded, (ok) => {
      // A bare upstream says nothing of its own: a message counts as taken when the socket took it.
      if (ok && inbox.taken(id)) outbox.send({ type: 'accepted', id });
    });
  }

  pause(high: boolean): void {
    if (high) this.#parts.upstream.pause();
    else this.#parts.upstream.resume();
  }

  /** Ends the talk when the newest record says that this generation may not serve any more. */
  recheck(record: LedgerRecord): void {
    const { generation } = this.#parts.upstream.record;
    if (this.#over || mayServe(generation, record)) return;
    const why = record.generation > generation ? 'replaced' : 'lost';
    this.#finish({ why, detail: `generation ${record.generation} is ${record.state}` });
    this.#parts.upstream.end('leave');
  }

  /** Ends the talk when the service was told of other roles than the user has: no message passes under rights that were taken back. */
  authorize(roles: readonly string[]): void {
    const { upstream } = this.#parts;
    if (this.#over || new Set(roles).symmetricDifference(new Set(upstream.roles)).size === 0) return;
    this.#finish({ why: 'roles_changed' });
    upstream.end('leave');
  }

  /** The user is gone, or the edge is. */
  stop(how: 'session_over' | 'leave'): void {
    if (this.#over) return;
    this.#finish({ why: 'session_over' });
    this.#parts.upstream.end(how);
  }

  #taken(id: string, lost: boolean): void {
    const { inbox, outbox, kept, upstream } = this.#parts;
    if (!inbox.taken(id)) return;
    const frames = [encode({ type: 'accepted', id })];
    if (lost) {
      const ids = inbox.takeUnanswered((one) => one === id);
      frames.push(encode({ type: 'interrupted', reason: 'service_lost', ids }));
    }
    const ours = kept && this.#isOurs(kept.accept(id, upstream.record.generation));
    for (const frame of frames) {
      if (ours === undefined) outbox.write(frame);
      else outbox.writeAfter(ours, frame);
    }
  }

  #emitted(emitted: Emitted): void {
    if (this.#over) return;
    const { upstream, outbox, inbox, numbering, rules, kept } = this.#parts;
    const { n, re, final, data } = emitted;
    if (n !== undefined && n !== numbering.stored + 1) {
      this.#finish({ why: 'malformed', detail: `emit ${n} where ${numbering.stored + 1} was due` });
      return upstream.end('leave');
    }
    const verdict = rules.check(data);
    if (!verdict.ok) return this.#block(verdict.rule, verdict.path);
    const { service, generation } = upstream.record;
    this.#parts.onEmitted();
    const seq = ++numbering.seq;
    if (n !== undefined) numbering.stored = n;
    const frame = encode({
      type: 'message',
      seq,
      data: data as never,
      origin: { service, generation },
      ...(re === undefined ? {} : { re }),
      ...(final === undefined ? {} : { final }),
    });
    const answered = re !== undefined && final === true ? { answered: re } : {};
    const done = kept?.keep({ seq, stored: numbering.stored, frame: String(frame), ...answered });
    if (done === undefined) outbox.write(frame);
    else outbox.writeAfter(done, frame);
    // Only what is kept may be forgotten by the service; where nothing is kept, what was handed to the client.
    if (n !== undefined) void Promise.resolve(done).then((ours) => ours !== false && upstream.stored(n));
    if (re !== undefined && final === true) inbox.answered(re);
  }

  async #isOurs(accepted: ReturnType<KeptSession['accept']>): Promise<boolean> {
    return (await accepted) !== 'other_edge';
  }

  /** Nothing of the frame goes anywhere: not to the user, not into the log. */
  #block(rule: string, path: string): void {
    const { upstream, outbox, logger, traceId, onBlocked } = this.#parts;
    const { instance, generation } = upstream.record;
    logger.error({ trace_id: traceId, rule, path, instance, generation }, 'a frame of the service was blocked');
    onBlocked(rule);
    this.#finish({ why: 'blocked' });
    upstream.end('session_over');
    outbox.send({ type: 'error', code: 'inauthentic_response', message: failureCodes.inauthentic_response.public });
    outbox.close(closeCodes.inauthentic);
  }

  #upstreamEnded(end: UpstreamEnd): void {
    switch (end.why) {
      case 'closed':
        return this.#finish({ why: 'lost', detail: `closed ${end.code} ${end.reason}`.trimEnd() });
      case 'malformed':
        return this.#finish({ why: 'malformed', detail: end.reason });
      case 'ended':
        return undefined;
    }
  }

  #finish(end: TalkEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#end.resolve(end);
  }
}
