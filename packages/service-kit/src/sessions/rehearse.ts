import { upstreamHeaders } from '@reveille/contracts';
import { proveSession } from '../prove-session.ts';
import { admit, type Gate } from './admit.ts';

const assertion = [JSON.stringify({ alg: 'EdDSA', typ: 'JWT' }), '{}', '\0'.repeat(64)]
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.');

/** The headers of a handshake of nobody, signed by nobody: it is refused. */
export const rehearsal = {
  authorization: `Bearer ${assertion}`,
  [upstreamHeaders.challenge]: 'rehearsal',
  [upstreamHeaders.session]: 'rehearsal',
};

/**
 * Goes once through what the first handshake needs: the first signature of a process, and the first check of one, cost several
 * milliseconds of loading and compiling, and the user who woke the service would wait for them.
 */
export function rehearse(gate: Gate, env: NodeJS.ProcessEnv): void {
  proveSession(rehearsal, env);
  admit({ headers: rehearsal }, gate, Date.now());
}
