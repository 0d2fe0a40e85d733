import type { Json, SessionMessage, UpstreamSession } from '@reveille/service-kit';
import { startSpan, type Logger, type LongSpan } from '@reveille/telemetry';
import { isLast, type Refusal } from '../supervisor/run-event.ts';
import { SupervisorLost, type StartedRun, type SupervisorClient } from '../supervisor/supervisor-client.ts';
import { badMessage, bridgeFailed, failedEvent, supervisorLost, supervisorUnreachable } from './failed-event.ts';
import { readUserMessage, type UserMessage } from './user-message.ts';

/** All that is said in reply to one message: the events of its run as they come, the last of them final, or one failure. */
export class Reply {
  readonly #session: UpstreamSession;
  readonly #message: SessionMessage;
  readonly #supervisor: SupervisorClient;
  readonly #log: Logger;
  readonly #span: LongSpan;

  constructor(session: UpstreamSession, message: SessionMessage, parts: { supervisor: SupervisorClient; log: Logger }) {
    this.#session = session;
    this.#message = message;
    this.#supervisor = parts.supervisor;
    this.#log = parts.log.child({ session: session.id });
    this.#span = startSpan('answer message', session.traceparent === undefined ? {} : { parent: session.traceparent });
  }

  /** Hands the message to the supervisor. Undefined when there is no run of it: then the user has been told why, or is gone. */
  async begin(): Promise<StartedRun | undefined> {
    const read = readUserMessage(this.#message.data);
    if ('faults' in read) return this.#fail(badMessage(read.faults));
    try {
      const started = await this.#start(read.message);
      return 'refused' in started ? await this.#fail(started.refused) : started;
    } catch (error) {
      return this.#explain(error, supervisorUnreachable);
    }
  }

  /** Passes on what the run says. Never rejects: when the run cannot be heard to its end, that is told instead; when the user is gone, nobody. */
  async passOn(run: StartedRun): Promise<void> {
    const { signal } = this.#session;
    try {
      for await (const event of run.events(signal)) await this.#say(event, isLast(event));
      this.#span.end();
    } catch (error) {
      await this.#explain(error, supervisorLost, run.id);
    }
  }

  #start({ text, files, prices }: UserMessage): Promise<StartedRun | { refused: Refusal }> {
    const { tenant = '', user, id: session, signal } = this.#session;
    const message = { id: this.#message.id, text, ...(files && { files }), ...(prices && { prices }) };
    return this.#supervisor.start({ tenant, user, session, message }, this.#span.traceparent, signal);
  }

  async #explain(error: unknown, lost: Refusal, run?: string): Promise<undefined> {
    this.#span.end({ error });
    if (this.#session.signal.aborted) return;
    this.#log.warn({ err: error, run }, 'a run could not be heard to its end');
    await this.#fail(error instanceof SupervisorLost ? lost : bridgeFailed, run);
  }

  async #fail(failure: Refusal, run?: string): Promise<undefined> {
    const event = failedEvent(failure, { traceId: this.#span.traceId, ...(run === undefined ? {} : { run }) });
    try {
      await this.#say(event, true);
    } catch (error) {
      // The session ended meanwhile: there is nobody to tell. Anything else is a fault of ours.
      if (!this.#session.signal.aborted) throw error;
    }
    this.#span.end({ error: failure.code });
  }

  #say(event: Record<string, Json>, final: boolean): Promise<void> {
    return this.#session.emit(event, { re: this.#message.id, ...(final ? { final } : {}) });
  }
}
