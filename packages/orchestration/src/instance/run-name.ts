import type { LedgerRecord } from '@reveille/contracts';

/** The deterministic name of a generation: what is started under it can be found and adopted. */
export function runNameOf(record: Pick<LedgerRecord, 'service' | 'scopeKey' | 'generation'>): string {
  return `reveille-${record.service}-${record.scopeKey}-${record.generation}`;
}
