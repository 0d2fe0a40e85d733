import type { StartRequest } from '@reveille/orchestration';
import type { KubeObject } from './kube-object.ts';
import type { Owner } from './owner.ts';
import type { Template } from './template.ts';

type PodSpec = { containers?: { envFrom?: unknown[] }[]; restartPolicy?: string };
type PodTemplate = { metadata?: { labels?: Record<string, string> }; spec?: PodSpec };

/** The objects of a template as they are made: marked as those of the run, their containers given its Secret. */
export function ownObjects({ objects }: Template, request: StartRequest, owner: Owner, secret: string): KubeObject[] {
  const made = objects.map((object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, ...owner.labels(request.name) },
      annotations: { ...object.metadata.annotations, ...owner.annotations(request) },
    },
  }));
  return made.map((object) => {
    if (object.kind === 'Pod')
      // The initializer starts again what ended; a kubelet that did so too would hide the end from it.
      return { ...object, spec: { restartPolicy: 'Never', ...given(object.spec as PodSpec | undefined, secret) } };
    if (object.kind !== 'Deployment' && object.kind !== 'StatefulSet') return object;
    const template = (object.spec?.['template'] ?? {}) as PodTemplate;
    const labels = { ...template.metadata?.labels, ...owner.podLabels(request.name) };
    const metadata = { ...template.metadata, labels };
    return { ...object, spec: { ...object.spec, template: { metadata, spec: given(template.spec, secret) } } };
  });
}

function given(spec: PodSpec | undefined, secret: string): PodSpec {
  const from = { secretRef: { name: secret } };
  const containers = (spec?.containers ?? []).map((each) => ({ ...each, envFrom: [...(each.envFrom ?? []), from] }));
  return { ...spec, containers };
}
