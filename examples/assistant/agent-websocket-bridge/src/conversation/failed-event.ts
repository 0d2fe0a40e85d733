import type { Json } from '@reveille/service-kit';
import type { Refusal } from '../supervisor/run-event.ts';

/** A failure as the last event of a reply, for what the bridge itself saw. */
export function failedEvent(failure: Refusal, of: { run?: string; traceId: string }): Record<string, Json> {
  const { expected, found } = failure;
  return {
    type: 'agent_failed',
    // Null when no run was started.
    run: of.run ?? null,
    at: Date.now(),
    agent: 'bridge',
    code: failure.code,
    message: failure.message,
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
    advice: failure.advice,
    text: `**${failure.message}** ${failure.advice}`,
    trace_id: of.traceId,
  };
}

export function badMessage(faults: string): Refusal {
  return {
    code: 'bad_message',
    message: 'This message cannot be worked on: it does not have the form that the assistant takes.',
    advice:
      'Send {"text": "your question", "files": [{"name": "usage.csv", "type": "text/csv", "content": "…"}]}; files and prices may be left out.',
    expected:
      '{text, files?: [{name, type?, content}], prices?: {inputPerMillion, outputPerMillion, currency?, models?}}',
    found: faults.slice(0, 2000),
  };
}

export function nothingToCancel(id: string): Refusal {
  return {
    code: 'nothing_to_cancel',
    message: 'No run of that message is under way in this session, so there is nothing to cancel.',
    advice: 'Name the id of a message whose answer has not come yet.',
    found: id,
  };
}

export const supervisorUnreachable: Refusal = {
  code: 'supervisor_unreachable',
  message: 'The agent supervisor could not be reached, so no run was started.',
  advice: 'Send the message again in a moment, under a new id.',
};

export const supervisorLost: Refusal = {
  code: 'supervisor_lost',
  message: 'The agent supervisor was lost while it worked on this message, so there will be no answer to it.',
  advice: 'Send the message again in a moment, under a new id.',
};

export const bridgeFailed: Refusal = {
  code: 'bridge_failed',
  message: 'The bridge to the agents failed while it passed on this answer.',
  advice: 'Send the message again under a new id. If that fails too, give the trace id to whoever runs this service.',
};
