import { nearestName } from '@reveille/orchestration';
import { CliRefusal } from '../cli/refusal.ts';
import type { AdminClient } from './admin-client.ts';

export type Catalog = { services: { service: string }[]; entrypoints: { entrypoint: string }[] };
export type KindOptions = { readonly service?: boolean; readonly entrypoint?: boolean };
export type Meant = { service: string } | { entrypoint: string };

/**
 * Whether a name is that of a service or of an entrypoint of the catalog in use.
 * @throws CliRefusal when it is neither, or both and nobody says which
 */
export async function kindOf(
  client: AdminClient,
  name: string,
  options: KindOptions,
  preferred?: 'entrypoint',
): Promise<Meant> {
  if (options.service) return { service: name };
  if (options.entrypoint) return { entrypoint: name };
  const { services, entrypoints } = await client.get<Catalog>('/v1/catalog');
  const isService = services.some(({ service }) => service === name);
  const isEntrypoint = entrypoints.some(({ entrypoint }) => entrypoint === name);
  if (isEntrypoint && preferred === 'entrypoint') return { entrypoint: name };
  if (isService && isEntrypoint)
    throw new CliRefusal(`"${name}" is a service and an entrypoint: say which with --service or --entrypoint.`);
  if (isService) return { service: name };
  if (isEntrypoint) return { entrypoint: name };
  const known = [...services.map(({ service }) => service), ...entrypoints.map(({ entrypoint }) => entrypoint)];
  const meant = nearestName(name, known);
  throw new CliRefusal(
    `the catalog has no service or entrypoint "${name}". ${meant === undefined ? `It has ${known.join(', ')}.` : `Did you mean ${meant}?`}`,
  );
}

/** A service, or an instance by its key (`service~scope`). */
export function instanceOrService(name: string): { instance: string } | { service: string } {
  return name.includes('~') ? { instance: name } : { service: name };
}
