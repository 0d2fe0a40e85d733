import type { Json, SessionMessage, UpstreamSession } from '@reveille/service-kit';
import { startSpan, type Logger, type LongSpan } from '@reveille/telemetry';
import { isLast, type Refusal } from '../supervisor/run-event.ts';
import { SupervisorLost, type StartedRun, type SupervisorClient } from '../supervisor/supervisor-client.ts';
import { bridgeFailed, failedEvent, supervisorLost, supervisorUnreachable } from './failed-event.ts';
import type { Question } from './user-message.ts';

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

  /** Hands a question to the supervisor. Undefined when there is no run of it: then the user has been told why, or is gone. */
  async begin({ text, files, prices }: Question): Promise<StartedRun | undefined> {
    const { tenant = '', user, id: session, signal } = this.#session;
    const message = { id: this.#message.id, text, ...(files && { files }), ...(prices && { prices }) };
    try {
      const order = { tenant, user, session, message };
      const started = await this.#supervisor.start(order, this.#span.traceparent, signal);
      if (!('refused' in started)) return started;
      await this.fail(started.refused);
    } catch (error) {
      await this.#explain(error, supervisorUnreachable);
    }
    return undefined;
  }

  /** Asks for the end of an earlier run, and says that it was asked for: that it ended, that run says itself. */
  async cancel(run: StartedRun): Promise<void> {
    try {
      await this.#supervisor.cancel(run.id, this.#session.signal);
      const text = 'The run was asked to end.';
      await this.#say({ type: 'cancel_requested', run: run.id, at: Date.now(), agent: 'bridge', text }, true);
      this.#span.end();
    } catch (error) {
      await this.#explain(error, supervisorUnreachable, run.id);
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

  async #explain(error: unknown, lost: Refusal, run?: string): Promise<void> {
    this.#span.end({ error });
    if (this.#session.signal.aborted) return;
    this.#log.warn({ err: error, run }, 'a run could not be heard to its end');
    await this.fail(error instanceof SupervisorLost ? lost : bridgeFailed, run);
  }

  /** Says that there is no answer, and why. */
  async fail(failure: Refusal, run?: string): Promise<void> {
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
