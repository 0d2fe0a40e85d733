import type { Catalog, CatalogInput } from '@reveille/contracts';
import { expect, test } from 'vitest';
import { checkCatalog } from '../../../src/plan/index.ts';
import { catalogOf } from '../catalogs.ts';

/** Engines that refuse one known thing each. */
export const tools = {
  regexFault: (pattern: string) => (pattern.includes('(?=') ? 'lookahead' : undefined),
  schemaFault: (schema: Record<string, unknown>) => (schema.type === 'strng' ? 'no such type' : undefined),
};

/** `path: message` of each fault. */
export function faultsOf(catalog: Catalog): string[] {
  return checkCatalog(catalog, tools).map((fault) => `${fault.path.join('.')}: ${fault.message}`);
}

type Services = Record<string, Partial<CatalogInput['services'][string]>>;
type Entrypoint = CatalogInput['entrypoints'][string];

/** A test: this smallest catalog has these faults and no others. */
export function refuses(
  what: string,
  services: Services,
  chat: Entrypoint | undefined,
  ...faults: (string | RegExp)[]
): void {
  test(`refused: ${what}`, () => {
    const found = faultsOf(catalogOf(services, chat === undefined ? {} : { chat }));
    expect(found).toEqual(faults.map(asExpected));
  });
}

function asExpected(fault: string | RegExp): unknown {
  return typeof fault === 'string' ? fault : expect.stringMatching(fault);
}

/** A way of starting that gives the service nothing. */
export const byHttp = { http: { start: { method: 'POST', url: 'http://127.0.0.1:9/start' } } } as const;
export const reported = { endpoint: { port: 'reported' }, ready: { reported: true } } as const;
