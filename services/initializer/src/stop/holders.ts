import type { LedgerRecord } from '@reveille/contracts';
import type { Driver } from '@reveille/orchestration';
import type { Subject } from '../subject/subject.ts';

/** The entry of its service has changed since it was started, and with it perhaps the driver. */
export function isOfOlderEntry(record: LedgerRecord, { identity }: Subject): boolean {
  return record.definition !== undefined && record.definition !== identity.definition;
}

/** The drivers under which a run of this name is seen. One that cannot look sees nothing. */
export async function holdersOf(drivers: Iterable<Driver>, name: string, signal: AbortSignal): Promise<Driver[]> {
  const looked = await Promise.all(
    [...drivers].map(async (driver) => {
      const runs = await driver.list(signal).catch(() => []);
      return runs.some((run) => run.name === name) ? [driver] : [];
    }),
  );
  return looked.flat();
}
