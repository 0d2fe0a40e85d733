import { type LedgerRecord, liveProbe, type Service } from '@reveille/contracts';
import { checkAlive } from '@reveille/drivers';

/** A service that does not answer about its veto within this has none: what hangs may be stopped. Milliseconds. */
const answerMs = 1000;

/** Does the service refuse to be stopped for being idle (`idle.veto`)? A 2xx (or the status that the catalog names) is a veto. */
export async function hasVeto(record: LedgerRecord, { idle }: Service): Promise<boolean> {
  if (idle.veto === undefined || record.endpoint === undefined) return false;
  const { http } = idle.veto;
  const timeoutMs = http.timeoutMs ?? answerMs;
  const signal = AbortSignal.timeout(2 * timeoutMs);
  const look = await checkAlive(liveProbe.parse({ http, timeoutMs }), record.endpoint, { signal });
  return look.alive;
}
