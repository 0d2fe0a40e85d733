import { failureCodes } from '@reveille/contracts';
import type { ReveilleError } from '@reveille/client';

/**
 * Why a message was not delivered, for the person who sent it. Undefined when a frame or the end of the connection says it better and
 * follows at once.
 */
export function refusalWords(error: ReveilleError): string | undefined {
  if (error.code === 'closed' || Object.hasOwn(failureCodes, error.code)) return undefined;
  if (error.code === 'too_large')
    return `${error.message} That is limits.messageBytes of the entrypoint in the catalog.`;
  return `The message was not delivered: ${error.message}`;
}
