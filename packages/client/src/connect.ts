import { ClientSession } from './client-session.ts';
import type { ConnectOptions, ReveilleClient } from './client.ts';

/**
 * Connects a user to an entrypoint and keeps the session over lost connections. Returns at once; `ready()` says when the service answers.
 *
 * @throws TypeError when the address is none
 */
export function connect(options: ConnectOptions): ReveilleClient {
  const session = new ClientSession(options);
  void session.live();
  return session;
}
