import { closeCodes } from '@reveille/contracts';
import type { Closed } from '@reveille/client';
import type { Ending } from '../cli/ending.ts';
import { exitCodes } from '../cli/exit-code.ts';

/** What the end of the connection means to the person at the terminal. */
export function closedEnding(closed: Closed, of: { entrypoint: string; url: string; welcomed: boolean }): Ending {
  const { entrypoint, url } = of;
  switch (closed.code) {
    case closeCodes.done.code:
      return { code: exitCodes.failed, words: 'The edge ended the session.' };
    case closeCodes.unknownEntrypoint.code:
      return {
        code: exitCodes.usage,
        words: `${url} has no entrypoint "${entrypoint}". The entrypoints are those of its catalog.`,
      };
    case closeCodes.unauthenticated.code:
      return {
        code: exitCodes.usage,
        words: `The edge did not accept who you are: ${closed.reason}. Give a token: --token or REVEILLE_TOKEN.`,
      };
    case closeCodes.forbidden.code:
      return { code: exitCodes.usage, words: `You may not use "${entrypoint}": ${closed.reason}.` };
    case closeCodes.noCommonVersion.code:
      return { code: exitCodes.failed, words: `The edge speaks another version of the protocol: ${closed.reason}.` };
    case closeCodes.connectionLimit.code:
      return {
        code: exitCodes.failed,
        words: `You have as many connections to "${entrypoint}" as are allowed; close one first.`,
      };
    case closeCodes.inauthentic.code:
      return {
        code: exitCodes.failed,
        words:
          'A reply was blocked, because it was not an authentic answer of the service. The log of the edge says why.',
      };
    case closeCodes.initializationFailed.code:
      return { code: exitCodes.failed };
    case closeCodes.tokenExpired.code:
      return { code: exitCodes.usage, words: 'The token has expired; get a new one.' };
    default:
      return lostWords(closed, of);
  }
}

function lostWords({ code, reason }: Closed, { url, welcomed }: { url: string; welcomed: boolean }): Ending {
  const why = reason === '' ? `close code ${code}` : reason;
  if (code !== noCloseFrame) return { code: exitCodes.failed, words: `The connection ended: ${why} (${code}).` };
  if (welcomed)
    return { code: exitCodes.unreachable, words: `The connection to ${url} was lost and could not be opened again.` };
  return {
    code: exitCodes.unreachable,
    words:
      `Nobody answers at ${url}: ${why}.\n` +
      'Start it with `npm start` (or `reveille dev`), or say where it is: --url or REVEILLE_URL.',
  };
}

/** RFC 6455, 7.4.1: the connection was lost, or never stood. */
const noCloseFrame = 1006;
