import type { Commit } from '@reveille/orchestration';

/** The largest record that is stored (bytes of JSON). */
export const recordLimitBytes = 256 * 1024;

/**
 * The JSON of the record to commit.
 * @throws RangeError when the revision does not rise or the record is larger than 256 KiB: both are faults of the caller.
 */
export function recordText(commit: Commit): string {
  const { revision, instance } = commit.record;
  if (!Number.isSafeInteger(revision) || revision <= commit.expected) {
    throw new RangeError(`the revision ${revision} of ${instance} must be greater than its token ${commit.expected}`);
  }
  const text = JSON.stringify(commit.record);
  const bytes = Buffer.byteLength(text);
  if (bytes > recordLimitBytes) {
    throw new RangeError(`the record of ${instance} has ${bytes} bytes, at most ${recordLimitBytes} are stored`);
  }
  return text;
}
