import type { LoadedCatalog } from '@reveille/catalog';
import type { InstanceKey } from '@reveille/contracts';
import { type Named, type Subject, subjectOf } from './subject.ts';

/** More than one initializer looks after at a time; beyond it the oldest are forgotten, at the price of another round trip. */
const knownLimit = 10_000;

/** What the catalog in use says about the instances that were looked at: who they are does not change. */
export class KnownSubjects {
  readonly #known = new Map<InstanceKey, Subject>();
  #catalog: LoadedCatalog | undefined;

  get(catalog: LoadedCatalog, instance: InstanceKey): Subject | undefined {
    return this.#catalog === catalog ? this.#known.get(instance) : undefined;
  }

  /** Undefined when the catalog does not declare the service (any more), or when the names are those of another instance. */
  async learn(catalog: LoadedCatalog, instance: InstanceKey, named: Named): Promise<Subject | undefined> {
    const subject = await subjectOf(catalog, named);
    if (subject?.identity.instance !== instance) return undefined;
    this.#remember(catalog, subject);
    return subject;
  }

  #remember(catalog: LoadedCatalog, subject: Subject): void {
    if (this.#catalog !== catalog) this.#known.clear();
    this.#catalog = catalog;
    if (this.#known.size >= knownLimit) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    this.#known.set(subject.identity.instance, subject);
  }
}
