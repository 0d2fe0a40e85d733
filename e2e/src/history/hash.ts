import { createHash } from 'node:crypto';

/** By which a checker tells what a service said from anything else: SHA-256 of the JSON, in hex. */
export function hashOf(data: unknown): string {
  return createHash('sha256').update(JSON.stringify(data)).digest('hex');
}
