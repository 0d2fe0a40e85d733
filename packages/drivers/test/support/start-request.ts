import { type CatalogInput, type InstanceKey, type ScopeKey, service, type ServiceName } from '@reveille/contracts';
import type { StartRequest } from '@reveille/orchestration';

type Spec = CatalogInput['services'][string];

/** A request for a run of the service `subject`, as the initializer makes it. */
export function startRequest(
  start: NonNullable<Spec['start']['process']>,
  more: Omit<Spec, 'start'> & Partial<Pick<StartRequest, 'catalogDir' | 'environment' | 'generation' | 'values'>> = {},
): StartRequest {
  const { catalogDir, environment, generation = 1, values, ...spec } = more;
  return {
    name: `reveille-subject-global-${generation}`,
    instance: 'subject~global' as InstanceKey,
    service: 'subject' as ServiceName,
    generation,
    spec: service.parse({ start: { process: start }, ...spec }),
    catalogDir: catalogDir ?? import.meta.dirname,
    values: values ?? { scopeKey: 'global' as ScopeKey, generation, deps: new Map() },
    environment: environment ?? {},
  };
}

/** A start of a small Node program. */
export function program(source: string, ...args: string[]): { command: string[] } {
  return { command: ['node', '-e', source, ...args] };
}
