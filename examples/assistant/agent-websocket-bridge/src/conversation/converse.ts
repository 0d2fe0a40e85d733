import type { UpstreamSession } from '@reveille/service-kit';
import type { Logger } from '@reveille/telemetry';
import type { StartedRun, SupervisorClient } from '../supervisor/supervisor-client.ts';
import { badMessage, nothingToCancel } from './failed-event.ts';
import { Reply } from './reply.ts';
import { readUserMessage } from './user-message.ts';

/** Runs of one session that may be under way, or wait in the supervisor; further messages stay with the edge. */
const MOST_RUNS = 16;

interface Parts {
  readonly supervisor: SupervisorClient;
  readonly log: Logger;
  /** Replies under way, over all sessions. */
  readonly replies: Set<Promise<void>>;
}

/**
 * One user's conversation: each message becomes a run, each event of the run a frame. The supervisor gets the messages in their order
 * (the next one only when it has taken the one before) and works on one conversation in that order.
 */
export async function converse(session: UpstreamSession, parts: Parts): Promise<void> {
  const own = new Map<string, { run: StartedRun; passedOn: Promise<void> }>();
  for await (const message of session.messages) {
    const reply = new Reply(session, message, parts);
    const said = readUserMessage(message.data);
    if (said.kind === 'bad') await reply.fail(badMessage(said.faults));
    else if (said.kind === 'cancel') {
      const of = own.get(said.of);
      await (of === undefined ? reply.fail(nothingToCancel(said.of)) : reply.cancel(of.run));
    } else {
      const run = await reply.begin(said.question);
      if (run === undefined) continue;
      const passedOn = reply.passOn(run).finally(() => {
        own.delete(message.id);
        parts.replies.delete(passedOn);
      });
      own.set(message.id, { run, passedOn });
      parts.replies.add(passedOn);
      if (own.size >= MOST_RUNS) await Promise.race([...own.values()].map((of) => of.passedOn));
    }
  }
}
