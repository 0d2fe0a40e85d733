import type { Catalog, Service, ServiceName } from '@reveille/contracts';
import { orderServices } from '../service-graph.ts';
import { type CatalogFault, fault } from './fault.ts';

/** Durations that contradict each other. */
export function checkTimes(catalog: Catalog): CatalogFault[] {
  const services = Object.entries(catalog.services) as [ServiceName, Service][];
  return [...services.flatMap(([name, service]) => checkAttempt(name, service)), ...checkEntrypointDeadlines(catalog)];
}

function checkAttempt(name: ServiceName, of: Service): CatalogFault[] {
  const path = ['services', name];
  const attempt = `at most ${of.deadlineMs} (deadlineMs of one attempt)`;
  const faults: CatalogFault[] = [];
  if (of.ready.timeoutMs > of.deadlineMs)
    faults.push(fault([...path, 'ready', 'timeoutMs'], `${of.ready.timeoutMs}`, attempt));
  const httpTimeoutMs = of.ready.http?.timeoutMs;
  if (httpTimeoutMs !== undefined && httpTimeoutMs > of.deadlineMs)
    faults.push(fault([...path, 'ready', 'http', 'timeoutMs'], `${httpTimeoutMs}`, attempt));
  if (of.ready.settleMs >= of.deadlineMs)
    faults.push(
      fault(
        [...path, 'ready', 'settleMs'],
        `${of.ready.settleMs}`,
        `less than ${of.deadlineMs} (deadlineMs of one attempt)`,
      ),
    );
  if (of.retry.backoffMs > of.retry.maxBackoffMs)
    faults.push(
      fault(
        [...path, 'retry', 'backoffMs'],
        `${of.retry.backoffMs}`,
        `at most ${of.retry.maxBackoffMs} (retry.maxBackoffMs)`,
      ),
    );
  return faults;
}

/** An attempt that outlasts the patience of an entrypoint could never be seen to end. One fault per service, by its tightest entrypoint. */
function checkEntrypointDeadlines(catalog: Catalog): CatalogFault[] {
  const tightest = new Map<ServiceName, { entrypoint: string; deadlineMs: number }>();
  for (const [entrypoint, { service, deadlineMs }] of Object.entries(catalog.entrypoints))
    for (const name of orderServices(catalog, [service]).order)
      if (deadlineMs < (tightest.get(name)?.deadlineMs ?? Number.POSITIVE_INFINITY))
        tightest.set(name, { entrypoint, deadlineMs });

  return [...tightest].flatMap(([name, limit]) => {
    const deadlineMs = catalog.services[name]?.deadlineMs ?? 0;
    if (deadlineMs <= limit.deadlineMs) return [];
    const expected = `at most ${limit.deadlineMs} (deadlineMs of the entrypoint "${limit.entrypoint}", which needs this service)`;
    return [fault(['services', name, 'deadlineMs'], `${deadlineMs}`, expected)];
  });
}
