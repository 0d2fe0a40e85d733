import type { Service, ServiceName } from '@reveille/contracts';
import { variablesIn } from '../template.ts';
import { type CatalogFault, fault } from './fault.ts';

const others = 'update: idle or manual';

/** With `update: rolling` two generations run side by side for a while: what has room for one only is refused. */
export function checkUpdate(name: ServiceName, of: Service): CatalogFault[] {
  if (of.update !== 'rolling') return [];
  const path = ['services', name];
  const { docker, kubernetes, http } = of.start;
  if (kubernetes?.scale !== undefined) {
    const why = 'one workload runs one version at a time, and Kubernetes rolls it by itself (its strategy)';
    return [fault([...path, 'update'], 'rolling with kubernetes.scale', others, why)];
  }
  if (typeof docker?.publish === 'number') {
    const why = 'the next generation starts beside the one that holds the port';
    return [
      fault(
        [...path, 'start', 'docker', 'publish'],
        `${docker.publish} with update: rolling`,
        `true, or ${others}`,
        why,
      ),
    ];
  }
  const why = 'whoever starts it could not tell the next generation from the one that runs';
  return (['start', 'stop', 'status'] as const).flatMap((call) => {
    const { url, headers = {} } = http?.[call] ?? {};
    if (url === undefined || variablesIn([url, ...Object.values(headers)].join(' ')).includes('generation')) return [];
    const expected = `{generation} in its url or headers, or ${others}`;
    return [fault([...path, 'start', 'http', call], 'no {generation} with update: rolling', expected, why)];
  });
}
