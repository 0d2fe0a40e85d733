import type { Resume } from '@reveille/client';

/**
 * The session that this tab has left by loading the page again, and that it goes on with. It lies in the storage of the tab only while no page is
 * there: its key is a secret, and a tab that was duplicated must not take the session from the first one.
 */
export function leaveSession(entrypoint: string, resume: Resume): void {
  storage()?.setItem(placeOf(entrypoint), JSON.stringify(resume));
}

/** It can be taken once. */
export function takeLeftSession(entrypoint: string): Resume | undefined {
  const left = storage()?.getItem(placeOf(entrypoint));
  storage()?.removeItem(placeOf(entrypoint));
  return left === null || left === undefined ? undefined : (JSON.parse(left) as Resume);
}

function placeOf(entrypoint: string): string {
  return `reveille session ${entrypoint}`;
}

function storage(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    // The browser was told to keep nothing: then a page that is loaded again begins anew.
    return undefined;
  }
}
