import { failureCodes } from '@reveille/contracts';
import type { ReveilleError } from '@reveille/client';

/**
 * Why a message was not delivered, for the person who sent it. Undefined when a frame or the end of the connection says it better and
 * follows at once.
 */
export function refusalWords(error: ReveilleError, messageBytes: number | undefined): string | undefined {
  if (error.code === 'closed' || Object.hasOwn(failureCodes, error.code)) return undefined;
  if (error.code === 'too_large' && messageBytes !== undefined)
    return `${error.message} The limit is limits.messageBytes of the entrypoint (${messageBytes}).`;
  return `The message was not delivered: ${error.message}`;
}
