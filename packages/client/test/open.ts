import { onTestFinished } from 'vitest';
import { connect, type ConnectOptions, type ReveilleClient } from '../src/index.ts';
import type { ScriptedEdge } from './scripted-edge.ts';

/** Pauses of a millisecond at most: the tests are about what happens, not about how long it takes. */
export const quick = { baseMs: 1, maxMs: 1 };

/** A client that is gone when the test is over. */
export function open(edge: ScriptedEdge, options: Partial<ConnectOptions> = {}): ReveilleClient {
  const client = connect({ url: edge.url, entrypoint: 'chat', reconnect: quick, ...options });
  onTestFinished(async () => {
    edge.stop();
    await client[Symbol.asyncDispose]();
  });
  return client;
}
