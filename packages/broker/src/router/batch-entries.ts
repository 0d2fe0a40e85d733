import type { JournalEntry } from '@reveille/contracts';

/** The largest message (bytes of JSON), below the 512 KiB that Relay takes; one entry has at most 256 KiB and a little. */
const messageLimitBytes = 400 * 1024;
const messageLimitEntries = 100;

/** Cuts entries into messages that are small enough, in order. */
export function batchEntries(entries: readonly JournalEntry[]): JournalEntry[][] {
  const batches: JournalEntry[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const size = Buffer.byteLength(JSON.stringify(entry)) + 1;
    const batch = batches.at(-1);
    if (batch === undefined || bytes + size > messageLimitBytes || batch.length >= messageLimitEntries) {
      batches.push([entry]);
      bytes = size;
    } else {
      batch.push(entry);
      bytes += size;
    }
  }
  return batches;
}
