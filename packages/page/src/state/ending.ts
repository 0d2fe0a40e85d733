import { closeCodes } from '@reveille/contracts/close-code';

/** Why a connection is over, and what can be done. */
export interface Ending {
  readonly title: string;
  readonly advice: string;
}

/** In words, what a connection that stays closed means to its user. */
export function endingOf(code: number, reason: string): Ending {
  switch (code) {
    case closeCodes.done.code:
      return { title: 'The session has ended.', advice: 'You can begin a new one.' };
    case closeCodes.tryLater.code:
      return reason === '' || reason === closeCodes.tryLater.reason
        ? { title: 'The session was closed after a failure.', advice: 'You can begin a new one.' }
        : { title: 'You cannot be let in now.', advice: sentence(reason) };
    case closeCodes.tooLarge.code:
      return { title: 'A message was too large for this service.', advice: 'Connect again and send less at once.' };
    case closeCodes.unauthenticated.code:
      return { title: 'You are not signed in.', advice: sentence(reason) };
    case closeCodes.connectionLimit.code:
      return {
        title: 'You have too many connections open.',
        advice: 'Close another tab of this page, then connect again.',
      };
    case closeCodes.unknownEntrypoint.code:
      return {
        title: 'There is no such entrypoint.',
        advice: 'Choose another one, or look at its name in the address.',
      };
    case closeCodes.noCommonVersion.code:
      return {
        title: 'This page and the server do not understand each other.',
        advice: 'Reload the page: the server has another version.',
      };
    case closeCodes.forbidden.code:
      return { title: 'You may not use this.', advice: sentence(reason) };
    case closeCodes.inauthentic.code:
      return {
        title: 'A reply was blocked.',
        advice: 'It was not an authentic answer of the service, so nothing of it is shown. Please report it.',
      };
    case closeCodes.malformed.code:
      return {
        title: 'The server could not read what this page sent.',
        advice: 'Reload the page, and report it if it happens again.',
      };
    case closeCodes.initializationFailed.code:
      return { title: 'The start failed.', advice: 'Trying again will not help until somebody has mended it.' };
    default:
      return { title: 'The server cannot be reached.', advice: 'Check that it is running, then connect again.' };
  }
}

function sentence(reason: string): string {
  const text = reason.trim();
  if (text === '') return '';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
