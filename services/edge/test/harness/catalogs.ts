import type { CatalogInput } from '@reveille/contracts';

type Chat = CatalogInput['entrypoints'][string];

/** Two services: everybody's store, and an agent of each tenant on top of it. The test plays the initializer, so nothing is ever run. */
export function chatCatalog(
  chat: Partial<Chat> = {},
  agent: Partial<CatalogInput['services'][string]> = {},
): CatalogInput {
  return {
    version: 1,
    services: {
      store: { name: 'Data store', start: { process: { command: ['true'] } }, deadlineMs: 1000 },
      agent: {
        name: 'AI agent',
        scope: 'tenant',
        dependsOn: ['store'],
        start: { process: { command: ['true'] } },
        deadlineMs: 1000,
        ...agent,
      },
    },
    entrypoints: { chat: { service: 'agent', deadlineMs: 20_000, ...chat } },
  } as CatalogInput;
}
