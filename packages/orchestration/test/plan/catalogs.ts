import { catalog as schema, globalScopeKey, scopeKeysOf } from '@reveille/contracts';
import type { Catalog, CatalogInput, ScopeKeys } from '@reveille/contracts';
import fc from 'fast-check';

/** A catalog from its short form, with the defaults of the schema. */
export function catalogOf(
  services: Record<string, Partial<CatalogInput['services'][string]>>,
  entrypoints: CatalogInput['entrypoints'] = {},
): Catalog {
  const started = Object.entries(services).map(([name, service]) => [
    name,
    { start: { process: { command: ['node', `${name}.ts`] } }, ...service },
  ]);
  return schema.parse({ version: 1, services: Object.fromEntries(started), entrypoints });
}

export const who = { user: 'ada', tenant: 'acme' };
export const keys: ScopeKeys = await scopeKeysOf(who);
export const tenantless: ScopeKeys = await scopeKeysOf({ user: 'ada' });
export { globalScopeKey };

/** Services `s0`, `s1`, … that need only earlier ones, so that there is no circle; declared in any order. */
export const acyclic: fc.Arbitrary<Catalog> = fc
  .integer({ min: 1, max: 9 })
  .chain((size) =>
    fc.tuple(
      fc.tuple(
        ...Array.from({ length: size }, (_, at) =>
          fc.subarray(Array.from({ length: at }, (_, before) => `s${before}`)),
        ),
      ),
      fc.shuffledSubarray(
        Array.from({ length: size }, (_, at) => at),
        { minLength: size, maxLength: size },
      ),
    ),
  )
  .map(([needs, order]) =>
    catalogOf(Object.fromEntries(order.map((at) => [`s${at}`, { dependsOn: needs[at] ?? [] }]))),
  );
