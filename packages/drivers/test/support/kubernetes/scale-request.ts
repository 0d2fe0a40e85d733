import process from 'node:process';
import { type CatalogInput, type InstanceKey, type ScopeKey, service, type ServiceName } from '@reveille/contracts';
import type { StartRequest } from '@reveille/orchestration';
import type { Program } from '../../../src/index.ts';
import type { TestApiServer } from './test-api-server.ts';

const serve = `
  console.log('begun');
  process.on('SIGTERM', () => process.exit());
  require('node:http').createServer((request, response) => response.end('here')).listen(process.env.PORT, process.env.POD_IP);`;
export const programs: Record<Program, string> = {
  serve,
  stubborn: serve.replace('process.exit()', 'undefined'),
  exit: `console.log('begun'); process.exitCode = 3;`,
};

type KubernetesStart = NonNullable<CatalogInput['services'][string]['start']['kubernetes']>;

export function kubernetesRequest(
  start: KubernetesStart,
  generation = 1,
  more: Partial<StartRequest> = {},
): StartRequest {
  return {
    name: `reveille-subject-global-${generation}`,
    instance: 'subject~global' as InstanceKey,
    service: 'subject' as ServiceName,
    generation,
    spec: service.parse({ start: { kubernetes: start } }),
    catalogDir: import.meta.dirname,
    values: { scopeKey: 'global' as ScopeKey, generation, deps: new Map() },
    environment: { REVEILLE_INSTANCE_KEY: 'very-secret-words', REVEILLE_GENERATION: `${generation}` },
    ...more,
  };
}

/** A workload of others, scaled to nothing, and a request to start a service with it. */
export function scaleRequest(
  server: TestApiServer,
  of: {
    program?: Program;
    generation?: number;
    image?: string;
    name?: string;
    kind?: 'Deployment' | 'StatefulSet';
    source?: string;
    namespace?: string;
  } = {},
): StartRequest {
  const { program = 'serve', generation = 1, image = 'node', name = 'subject', kind = 'Deployment' } = of;
  const plural = kind === 'Deployment' ? 'deployments' : 'statefulsets';
  const { namespace = 'home' } = of;
  if (server.store.get(plural, namespace, name) === undefined) {
    const command = [process.execPath, '-e', of.source ?? programs[program]];
    const envFrom = [{ secretRef: { name: 'reveille-subject-global' } }];
    const template = {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image, command, envFrom }] },
    };
    server.store.create(plural, namespace, { metadata: { name }, spec: { replicas: 0, template } });
  }
  return kubernetesRequest({ scale: { kind, name, replicas: 1, ...(of.namespace && { namespace }) } }, generation);
}
