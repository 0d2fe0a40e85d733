import http from 'node:http';
import https from 'node:https';
import type { Endpoint } from '@reveille/contracts';
import { connectionFailure, type Look, noAnswer, not, ok } from './look.ts';

/**
 * One GET. Redirects are not followed and the body is thrown away. A certificate is not checked: the question is whether
 * the service answers, and what proves that it is genuine is the handshake of the upstream.
 */
export function lookByHttp(
  probe: { path: string; status?: number | undefined },
  endpoint: Endpoint,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<Look> {
  const url = new URL(probe.path, endpoint.url);
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([timeout, options.signal]);
  const request = url.protocol === 'https:' ? https.get : http.get;
  return new Promise((resolve) => {
    request(url, { agent: false, signal, rejectUnauthorized: false, headers: { 'user-agent': 'reveille-probe' } })
      .once('response', (response) => {
        resolve(judge(response.statusCode ?? 0, probe.status));
        // Read to its end, so that the service sees an orderly one; at the latest the time-out cuts it off.
        response.on('error', () => response.destroy()).resume();
      })
      .on('error', (error) => resolve(timeout.aborted ? noAnswer(options.timeoutMs) : connectionFailure(error)));
  });
}

function judge(status: number, expected: number | undefined): Look {
  if (expected === undefined ? status >= 200 && status < 300 : status === expected) return ok;
  return not(`it answers with status ${status}, expected is ${expected ?? '2xx'}`);
}
