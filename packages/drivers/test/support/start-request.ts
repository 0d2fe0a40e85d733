import { type CatalogInput, type InstanceKey, type ScopeKey, service, type ServiceName } from '@reveille/contracts';
import type { StartRequest } from '@reveille/orchestration';

type Spec = CatalogInput['services'][string];

type More = Omit<Spec, 'start'> & Partial<Pick<StartRequest, 'catalogDir' | 'environment' | 'generation' | 'values'>>;

/** A request for a run of the service `subject` as a process. */
export function startRequest(process: NonNullable<Spec['start']['process']>, more: More = {}): StartRequest {
  return requestOf({ process }, more);
}

/** A request for a run of the service `subject`, as the initializer makes it. */
export function requestOf(start: Spec['start'], more: More = {}): StartRequest {
  const { catalogDir, environment, generation = 1, values, ...spec } = more;
  return {
    name: `reveille-subject-global-${generation}`,
    instance: 'subject~global' as InstanceKey,
    service: 'subject' as ServiceName,
    generation,
    spec: service.parse({ start, ...spec }),
    catalogDir: catalogDir ?? import.meta.dirname,
    values: values ?? { scopeKey: 'global' as ScopeKey, generation, deps: new Map() },
    environment: environment ?? {},
  };
}

/** A start of a small Node program. */
export function program(source: string, ...args: string[]): { command: string[] } {
  return { command: ['node', '-e', source, ...args] };
}
