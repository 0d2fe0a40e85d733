import { SpanKind, startSpan, type Logger } from '@reveille/telemetry';
import { answerMessage } from '../agents/answer-message.ts';
import type { Engine } from '../engine/engine.ts';
import { ThreadClient } from '../threads/thread-client.ts';
import { withoutMarks } from '../wording/quote.ts';
import { ToolSession } from '../tools/tool-session.ts';
import type { EventLog } from './event-log.ts';
import type { AgentEvent, AgentName } from './run-event.ts';
import { RunFailure, wordsFor } from './run-failure.ts';
import type { RunRequest } from './run-request.ts';

/** What every run needs and none can change. */
export interface RunParts {
  readonly toolsUrl: string;
  readonly threadsUrl: string;
  readonly engine: Engine;
  readonly log: Logger;
}

/**
 * Runs the agents on one message, with a tool session and a view of the conversation of its own, and writes into the log whatever they
 * say, up to its last event. Never rejects: what goes wrong is that last event.
 */
export async function executeRun(
  parts: RunParts,
  run: { id: string; request: RunRequest; events: EventLog; traceparent?: string; signal: AbortSignal },
): Promise<void> {
  const { request, events, signal, traceparent } = run;
  const span = startSpan('invoke_agent assistant', {
    kind: SpanKind.SERVER,
    attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'assistant', 'reveille.run': run.id },
    ...(traceparent === undefined ? {} : { parent: traceparent }),
  });
  let agent: AgentName = 'triage';
  const say = (event: AgentEvent): void => {
    agent = event.agent;
    events.append(withoutMarksIn(event));
  };
  await span.run(async () => {
    const log = parts.log.child({ run: run.id });
    try {
      signal.throwIfAborted();
      await using tools = await ToolSession.open(parts.toolsUrl, signal);
      const owner = { tenant: request.tenant, user: request.user, session: request.session };
      const threads = new ThreadClient(parts.threadsUrl, owner, signal);
      const context = {
        request,
        engine: parts.engine,
        tools,
        threads,
        traceId: span.traceId,
        log,
        signal,
        calls: [],
        say,
      };
      const answer = await answerMessage(context);
      say({ type: 'agent_completed', agent: 'report', ...answer });
      log.info({ calls: context.calls.length }, 'run completed');
      span.end();
    } catch (thrown) {
      // A stop that was asked for explains whatever it broke.
      const error: unknown = signal.aborted ? signal.reason : thrown;
      const words = wordsFor(error);
      if (events.closed) log.error({ err: thrown }, 'a run failed after its last event');
      else
        say({
          type: 'agent_failed',
          agent,
          ...words,
          text: `**${words.message}** ${words.advice}`,
          trace_id: span.traceId,
        });
      if (error instanceof RunFailure) log.info({ code: words.code, err: error.cause }, 'run failed');
      else log.error({ err: error }, 'run failed for a reason that nobody foresaw');
      span.end({ error });
    }
  });
}

/** Names of files, columns and tags come into texts by many ways, so this is the one place that all of them pass. */
function withoutMarksIn(event: AgentEvent): AgentEvent {
  const text = withoutMarks(event.text);
  return event.type === 'agent_failed' ? { ...event, text, message: withoutMarks(event.message) } : { ...event, text };
}
