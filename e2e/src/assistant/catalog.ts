import { fileURLToPath } from 'node:url';
import { readCatalog } from '@reveille/catalog';
import type { Catalog, Service } from '@reveille/contracts';
import { assistantCatalogFile, assistantFolder } from './place.ts';

export const assistantServices = [
  'tool_classes',
  'thread_service',
  'agent_supervisor',
  'agent_websocket_bridge',
] as const;
export type AssistantService = (typeof assistantServices)[number];

export type AssistantCatalog = { services: Record<AssistantService, Service>; entrypoints: Catalog['entrypoints'] };

/** The catalog of the assistant with changes, as text of a catalog that may stand in any folder. */
export async function changedCatalog(change: (catalog: AssistantCatalog) => void): Promise<string> {
  const { catalog } = await readCatalog(assistantCatalogFile);
  const changed = structuredClone(catalog);
  for (const { start } of Object.values(changed.services)) if (start.process) start.process.cwd = assistantFolder;
  change(changed as unknown as AssistantCatalog);
  return JSON.stringify(changed);
}

/** Node, told to load `modules` of this folder before the program of the service; the program stays as it is. */
export function preload(service: Service, modules: readonly ('record' | 'misbehave')[], dir: string): void {
  const { process: start } = service.start;
  if (start === undefined) throw new Error('a service of the assistant is a process');
  const [node = '', ...args] = start.command;
  const files = modules.map((module) => fileURLToPath(new URL(`./preload/${module}.ts`, import.meta.url)));
  start.command = [node, ...files.flatMap((file) => ['--import', file]), ...args];
  start.env = { ...start.env, E2E_DIR: dir };
}
