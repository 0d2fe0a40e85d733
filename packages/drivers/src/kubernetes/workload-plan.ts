import { DriverError, type StartRequest } from '@reveille/orchestration';
import { createRender } from '../process/render.ts';
import type { KubeObject } from './kube-object.ts';
import type { Owner } from './owner.ts';
import { ownObjects } from './own-objects.ts';
import type { RunRecord } from './run-record.ts';
import { readTemplate } from './template.ts';

/** Where a service listens in its pod, which has an address of its own, unless its catalog says where. */
const AUTO_PORT = 8080;

export type WorkloadPlan = RunRecord & {
  /** Undefined: the service reports its address. */
  port: number | undefined;
  replicas: number;
  env: Record<string, string>;
  /** What is to be made, in this order. */
  manifests: KubeObject[];
};

/** @throws DriverError `driver_error` for a template without a value, or a file that cannot be used. */
export async function planWorkload(request: StartRequest, home: string, owner: Owner): Promise<WorkloadPlan> {
  const start = request.spec.start.kubernetes;
  const port = portOf(request);
  const env = { ...request.environment, ...(port === undefined ? {} : { PORT: port.toString() }) };
  const render = createRender(request, port);
  if (start?.scale !== undefined) {
    const { kind, name, namespace, replicas } = start.scale;
    const workload = { kind, name: nameOf(render(name), 'name') };
    const space = namespace === undefined ? home : nameOf(render(namespace), 'namespace');
    return {
      mode: 'scale',
      namespace: space,
      workload,
      secret: secretName(request),
      objects: [],
      port,
      replicas,
      env,
      manifests: [],
    };
  }
  if (start?.template === undefined)
    throw new DriverError('driver_error', `the service "${request.service}" is not started on Kubernetes`);
  const { file, namespace } = start.template;
  const space = namespace === undefined ? home : nameOf(render(namespace), 'namespace');
  const template = await readTemplate(request, file, space, render);
  // Generations of a template may run side by side: each has a Secret of its own.
  const secret = `${secretName(request)}-${request.generation}`;
  const replicas = template.objects.find(({ kind }) => kind === template.workload.kind)?.spec?.['replicas'];
  return {
    ...{ mode: 'template', namespace: space, workload: template.workload, secret, port, env },
    objects: template.objects.map(({ kind, metadata: { name } }) => ({ kind, name })),
    replicas: typeof replicas === 'number' ? replicas : 1,
    manifests: ownObjects(template, request, owner, secret),
  };
}

function portOf({ spec }: Pick<StartRequest, 'spec'>): number | undefined {
  const { port } = spec.endpoint;
  if (port === 'reported') return undefined;
  return port === 'auto' ? AUTO_PORT : port;
}

/** `reveille-<service>-<scopeKey>`, as the workload mounts it; names of objects have no underscores. */
export function secretName({ service, values }: StartRequest): string {
  return `reveille-${service.replaceAll('_', '-')}-${values.scopeKey}`;
}

/** A value of a tenant or user may be no part of a name: better here and in words than as another path of the API. */
function nameOf(text: string, what: string): string {
  if (/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(text)) return text;
  const words = `the ${what} "${text}" is no name of Kubernetes (lower case letters, digits, "-" and "."); {scopeKey} always is part of one`;
  throw new DriverError('driver_error', words);
}
