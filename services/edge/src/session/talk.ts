import { closeCodes, failureCodes, type LedgerRecord } from '@reveille/contracts';
import type { ContentRules } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import { mayServe } from '../upstream/provenance.ts';
import type { Emitted, Upstream, UpstreamEnd } from '../upstream/upstream.ts';
import type { Inbox } from './inbox.ts';
import type { Outbox } from './outbox.ts';

export type TalkEnd =
  /** The service is gone, or this generation may serve no more. `detail` is for the log: the service had a hand in it. */
  | { why: 'lost' | 'replaced'; detail: string }
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
  onBlocked(rule: string): void;
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

  /** Frames begin to flow, in both directions. */
  begin(): void {
    this.flush();
    this.#parts.upstream.start({
      onTaken: (id) => this.#taken(id),
      onEmitted: (emitted) => this.#emitted(emitted),
      onEnd: (end) => this.#upstreamEnded(end),
    });
  }

  /** Sends what is held, in order. */
  flush(): void {
    if (this.#over) return;
    const { inbox, upstream } = this.#parts;
    for (const { id, encoded } of inbox.unsent()) {
      upstream.deliver(id, encoded, (ok) => {
        // A bare upstream says nothing of its own: a message counts as taken when the socket took it.
        if (ok) this.#taken(id);
      });
    }
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

  /** The user is gone, or the edge is. */
  stop(): void {
    if (this.#over) return;
    this.#finish({ why: 'session_over' });
    this.#parts.upstream.end('session_over');
  }

  #taken(id: string): void {
    const { inbox, outbox } = this.#parts;
    if (inbox.taken(id)) outbox.send({ type: 'accepted', id });
  }

  #emitted(emitted: Emitted): void {
    if (this.#over) return;
    const { upstream, outbox, inbox, numbering, rules } = this.#parts;
    const { n, re, final, data } = emitted;
    if (n !== undefined && n !== numbering.stored + 1) {
      this.#finish({ why: 'malformed', detail: `emit ${n} where ${numbering.stored + 1} was due` });
      return upstream.end('leave');
    }
    const verdict = rules.check(data);
    if (!verdict.ok) return this.#block(verdict.rule, verdict.path);
    const { service, generation } = upstream.record;
    outbox.send({
      type: 'message',
      seq: ++numbering.seq,
      data: data as never,
      origin: { service, generation },
      ...(re === undefined ? {} : { re }),
      ...(final === undefined ? {} : { final }),
    });
    if (n !== undefined) {
      numbering.stored = n;
      upstream.stored(n);
    }
    if (re !== undefined && final === true) inbox.answered(re);
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
