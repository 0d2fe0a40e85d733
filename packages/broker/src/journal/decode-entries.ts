import type { StampedEntry } from '@reveille/orchestration';
import type { BrokerLogger } from '../logger.ts';
import { readEntryText } from './read-entry.ts';

/** An entry as Redis gives it. No fields: it was trimmed while it was pending, and is told of by the reader. */
export type RawEntry = [id: string, fields: string[] | null];

/** Leaves out, and logs, what is no entry of this version: it would be none the next time either. */
export function decodeEntries(partition: number, raw: readonly RawEntry[], logger: BrokerLogger): StampedEntry[] {
  return raw.flatMap(([id, fields]) => {
    if (fields === null) return [];
    const text = valueOf(fields, 'entry');
    const entry = readEntryText(text);
    if (entry === undefined) {
      logger.error(
        { partition, id, text: text?.slice(0, 200) },
        'what is in the journal is no entry of this version; passed over',
      );
      return [];
    }
    const edges = valueOf(fields, 'edges') ?? '';
    return [{ id, partition, entry, edges: edges === '' ? [] : edges.split(',') }];
  });
}

function valueOf(fields: readonly string[], name: string): string | undefined {
  for (let at = 0; at + 1 < fields.length; at += 2) {
    if (fields[at] === name) return fields[at + 1];
  }
  return undefined;
}
