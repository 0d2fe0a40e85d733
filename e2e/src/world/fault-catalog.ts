import { fileURLToPath } from 'node:url';

/** How a service of a row differs from one that starts well. `flags`: see `service/witness.ts`. */
export type ServiceOf = { readonly flags?: readonly string[]; readonly [setting: string]: unknown };
export type CatalogOf = {
  readonly services?: Readonly<Record<string, ServiceOf>>;
  /** Settings of the entrypoint `chat`. */
  readonly chat?: object;
  readonly entrypoints?: Readonly<Record<string, object>>;
};

const witness = fileURLToPath(new URL('../service/witness.ts', import.meta.url));
const limits = { connectionsPerUser: 100, heldMessages: 64 };

/** Two services, the one that answers on top of the other. Deadlines are wide: a busy machine must not look like a fault. */
export const twoServices = {
  db: {},
  app: { scope: 'tenant', dependsOn: ['db'] },
} as const satisfies CatalogOf['services'];

/** A catalog as text (JSON is YAML). Every service keeps a history unless it says how it starts. */
export function faultCatalog({ services = twoServices, chat = {}, entrypoints = {} }: CatalogOf): string {
  const all = Object.entries(services).map(([name, { flags = [], ...spec }]) => [
    name,
    {
      start: { process: { command: ['node', '--conditions=@reveille/source', witness, ...flags] } },
      deadlineMs: 110_000,
      retry: { attempts: 5, backoffMs: 10 },
      stop: { graceMs: 3_000 },
      cooldownMs: 1_500,
      ...spec,
    },
  ]);
  const service = 'app' in services ? 'app' : (Object.keys(services)[0] ?? '');
  const plain = { service, upstream: { websocket: { path: '/session' } }, deadlineMs: 120_000, limits };
  return JSON.stringify({
    version: 1,
    services: Object.fromEntries(all),
    entrypoints: {
      chat: { ...plain, ...chat },
      ...Object.fromEntries(Object.entries(entrypoints).map(([name, of]) => [name, { ...plain, ...of }])),
    },
  });
}
