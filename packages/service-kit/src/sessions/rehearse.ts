import type { Server } from 'node:http';
import { upstreamHeaders } from '@reveille/contracts';
import { proveSession } from '../prove-session.ts';
import { readyTold } from '../report/report.ts';
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

/** Whoever reports that it is ready does so within this after it listens, milliseconds. */
const silentMs = 50;

/**
 * Rehearses when the report that the service is ready has been taken, so that it delays no report and is over before the first
 * user comes; without a report, soon after the server listens.
 */
export function rehearseOnce(server: Server, rehearsal: () => void): Disposable {
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const end = (): void => {
    over = true;
    clearTimeout(timer);
    server.off('listening', wait);
  };
  const go = (): void => {
    if (over) return;
    end();
    rehearsal();
  };
  const wait = (): void => void (timer = setTimeout(go, silentMs).unref());
  if (server.listening) wait();
  else server.once('listening', wait);
  void readyTold.then(go);
  return { [Symbol.dispose]: end };
}
