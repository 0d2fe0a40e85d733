import type { InstanceKey } from '@reveille/contracts';
import type { Ledger, Reading } from '@reveille/orchestration';

/** Instances per round trip. */
const pageSize = 200;

/** Every instance that has a record, read in pages. */
export async function readAll(ledger: Ledger): Promise<Reading[]> {
  const readings: Reading[] = [];
  let page: InstanceKey[] = [];
  const flush = async (): Promise<void> => {
    readings.push(...(await ledger.read(page)));
    page = [];
  };
  for await (const instance of ledger.list()) {
    page.push(instance);
    if (page.length === pageSize) await flush();
  }
  if (page.length > 0) await flush();
  return readings;
}
