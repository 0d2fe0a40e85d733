import type { ClientFrame } from '../client-frame.ts';
import type { ServerFrame } from '../server-frame.ts';
import type { UpstreamCommand, UpstreamEvent } from '../upstream-frame.ts';

/** What each frame says, in one sentence. `PROTOCOL.md` says more. */
export const summaries: {
  client: Record<ClientFrame['type'], string>;
  server: Record<ServerFrame['type'], string>;
  command: Record<UpstreamCommand['type'], string>;
  event: Record<UpstreamEvent['type'], string>;
} = {
  client: {
    hello: 'The first frame: who connects, and which session it takes up again.',
    send: 'A message for the service; held, in order and within limits, while the service starts.',
    received: 'Every message up to `seq` has arrived; the edge may forget them.',
    retry: 'Start again, after a failure that may be retried.',
    cancel: 'Leave the initialization.',
    refresh: 'A new token for the same user and tenant.',
    pong: 'Answers `ping`.',
  },
  server: {
    welcome: 'The session, and whether it is the one that was asked for.',
    initialization_started: 'Something is not ready: the whole plan as it stands.',
    service_initializing: 'How far one service is.',
    service_completed: 'One service is ready.',
    service_failed: 'One attempt to start a service failed.',
    initialization_slow: 'It takes longer than it usually does.',
    initialization_completed: 'The service is connected; held messages go to it now.',
    initialization_failed: 'The end of an initialization that did not become ready.',
    accepted: 'The message will be delivered, or the user is told that it was not.',
    rejected: 'The message was not delivered and will not be.',
    message: 'Something that the service says.',
    interrupted: 'The service was lost: these accepted messages may not have been answered.',
    draining: 'This edge goes away; connect again after that time.',
    ping: 'Asks for a sign of life.',
    error: 'A frame of the client was not obeyed; nothing else changed.',
  },
  command: {
    deliver: 'A message of the user.',
    stored: 'Every emit up to `n` is safe; the service may forget them.',
  },
  event: {
    taken: 'The service answers for this message now.',
    emit: 'Something for the user.',
  },
};
