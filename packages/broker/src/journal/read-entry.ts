import { journalEntry, ledgerRecord, type JournalEntry } from '@reveille/contracts';
import { z } from 'zod';

/**
 * What must be right before an entry is passed on. The commit script wrote it from a typed record, so the rest of the
 * record is not read again for each edge.
 */
const envelope = z.looseObject({
  ...journalEntry.shape,
  record: z.looseObject(ledgerRecord.pick({ version: true, instance: true, revision: true, state: true }).shape),
});

/** `undefined` when it is no entry of this version. */
export function readEntry(value: unknown): JournalEntry | undefined {
  const parsed = envelope.safeParse(value);
  return parsed.success ? (value as JournalEntry) : undefined;
}

/** As {@link readEntry}, from JSON. */
export function readEntryText(text: string | undefined): JournalEntry | undefined {
  try {
    return text === undefined ? undefined : readEntry(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
