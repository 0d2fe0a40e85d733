import type { detectResources, Resource, ResourceDetector } from '@opentelemetry/resources';
import { kubernetesAttributes } from './trace/kubernetes.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Who speaks, the same for spans and metrics: service, version, this one process of it, its host and where in Kubernetes it runs. The
 * environment comes last, so that what the operator says wins. No process detector: command lines may hold secrets.
 */
export async function resourceOf(of: {
  service: string;
  version?: string | undefined;
  env: Environment;
}): Promise<{ resource: Resource; detectors: ResourceDetector[]; detect: typeof detectResources }> {
  const resources = await import('@opentelemetry/resources');
  const attributes = {
    'service.name': of.service,
    ...kubernetesAttributes(of.env),
    ...(of.version === undefined ? {} : { 'service.version': of.version }),
  };
  return {
    resource: resources.defaultResource().merge(resources.resourceFromAttributes(attributes)),
    detectors: [resources.serviceInstanceIdDetector, resources.hostDetector, resources.envDetector],
    detect: resources.detectResources,
  };
}
