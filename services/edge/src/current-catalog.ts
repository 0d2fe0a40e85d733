import type { LoadedCatalog } from '@reveille/catalog';
import type { Catalog, Entrypoint, EntrypointName } from '@reveille/contracts';
import type { ContentRules } from '@reveille/orchestration';
import { contentRulesOf } from './upstream/content-rules.ts';

/** One version of the catalog with its content rules compiled. Sessions keep the version that they began under. */
export class CurrentCatalog {
  readonly catalog: Catalog;
  readonly digest: string;
  readonly #rules = new Map<string, ContentRules>();

  constructor({ catalog, digest }: Pick<LoadedCatalog, 'catalog' | 'digest'>) {
    this.catalog = catalog;
    this.digest = digest;
    for (const [name, entrypoint] of Object.entries(catalog.entrypoints))
      this.#rules.set(name, contentRulesOf(entrypoint));
  }

  /** Own names only: `constructor` is a possible path, and no entrypoint. */
  entrypoint(name: string): Entrypoint | undefined {
    return Object.hasOwn(this.catalog.entrypoints, name) ? this.catalog.entrypoints[name as EntrypointName] : undefined;
  }

  /** @throws for a name that the catalog does not have: without its rules nothing may pass */
  rulesOf(name: string): ContentRules {
    const rules = this.#rules.get(name);
    if (rules === undefined) throw new Error(`no content rules for the entrypoint ${name}`);
    return rules;
  }
}
