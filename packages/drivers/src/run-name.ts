import { instanceKeyOf, type ScopeKey, type ServiceName } from '@reveille/contracts';
import type { RunName } from '@reveille/orchestration';

const form = /^reveille-([a-z][a-z0-9_-]{0,47})-(global|[a-z2-7]{26})-(\d{1,16})$/;

/** Reads `reveille-{service}-{scopeKey}-{generation}`; undefined for any other text. */
export function parseRunName(name: string): RunName | undefined {
  const [, service, scopeKey, generation] = form.exec(name) ?? [];
  if (service === undefined || scopeKey === undefined || generation === undefined) return undefined;
  return {
    name,
    instance: instanceKeyOf(service as ServiceName, scopeKey as ScopeKey),
    generation: Number(generation),
  };
}
