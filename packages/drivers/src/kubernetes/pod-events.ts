import type { ApiServer } from './api-server.ts';
import { isStatus } from './api-refusal.ts';

type Warning = { type?: string; reason?: string; message?: string; lastTimestamp?: string; eventTime?: string };

/** The last that Kubernetes warned of about an object (a failed probe, pods that may not be made); undefined without one. */
export async function latestWarning(
  api: ApiServer,
  namespace: string,
  uid: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const query = { fieldSelector: `involvedObject.uid=${uid},type=Warning`, limit: '50' };
  try {
    const { items = [] } = await api.call({ verb: 'list', kind: 'Event', namespace, query, signal });
    const warnings = items as unknown as Warning[];
    const [last] = warnings.toSorted((a, b) => at(b).localeCompare(at(a)));
    return last === undefined ? undefined : [last.reason, last.message].filter(Boolean).join(': ');
  } catch (error) {
    // Events only explain: who may not read them gets less of an explanation.
    if (isStatus(error, 403)) return undefined;
    throw error;
  }
}

function at({ lastTimestamp, eventTime }: Warning): string {
  return lastTimestamp ?? eventTime ?? '';
}
