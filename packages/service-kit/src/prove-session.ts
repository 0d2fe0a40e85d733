import type { IncomingHttpHeaders } from 'node:http';
import { proofText, upstreamHeaders } from '@reveille/contracts';
import { signProof } from './keys/instance-key.ts';
import { serviceEnv } from './service-env.ts';

/**
 * The value of `x-reveille-proof` for a handshake: the service signs the edge's challenge with the key of its own generation
 * (never with what the headers say it is). Undefined when there is nothing to prove: no challenge, or no key.
 *
 * @param headers the headers of the upgrade request
 * @param env the environment that the service was started with
 */
export function proveSession(headers: IncomingHttpHeaders, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { instanceKey, instance, generation } = serviceEnv(env);
  const nonce = headers[upstreamHeaders.challenge];
  const session = headers[upstreamHeaders.session];
  if (instanceKey === undefined || instance === undefined || generation === undefined) return undefined;
  if (typeof nonce !== 'string' || typeof session !== 'string') return undefined;
  // A nonce with a separator in it could move the borders of the signed text: it is not a nonce.
  if (!/^[\w-]{1,256}$/.test(nonce)) return undefined;
  return signProof(instanceKey, proofText({ nonce, instance, generation, session }));
}
