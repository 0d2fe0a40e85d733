import { join } from 'node:path';
import { inject } from 'vitest';
import { Cluster } from '../cluster.ts';
import type { Kind } from '../deployables.ts';
import { assistantServices, type AssistantCatalog, changedCatalog, preload } from './catalog.ts';
import { setFaults } from './faults.ts';
import { freshThreadData } from './thread-data.ts';

/**
 * The real assistant behind separate deployables: its own catalog and its own four programs, with an empty database. Each service also
 * writes its history (`history.ts`), and meets the faults that a test sets (`faults.ts`).
 */
export function startAssistant(
  of: {
    size?: Partial<Record<Kind, number>>;
    change?: (catalog: AssistantCatalog) => void;
    /** Beside what the harness sets. */
    env?: Record<string, string>;
  } = {},
): Promise<Cluster> {
  return Cluster.start({
    redisUrl: inject('redisUrl'),
    ...(of.size === undefined ? {} : { size: of.size }),
    catalog: (dir) => assistantCatalog(dir, of.change),
    env: (dir) => ({ THREAD_DATA_DIR: join(dir, 'threads'), ...of.env }),
    async prepare(dir) {
      setFaults(dir, {});
      await freshThreadData(inject('runFolder'), join(dir, 'threads'));
    },
  });
}

/** The catalog that `startAssistant` writes. */
export function assistantCatalog(dir: string, change?: (catalog: AssistantCatalog) => void): Promise<string> {
  return changedCatalog((catalog) => {
    for (const service of assistantServices) preload(catalog.services[service], ['record', 'misbehave'], dir);
    change?.(catalog);
  });
}
