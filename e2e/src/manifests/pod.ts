import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { Manifest } from './kustomize.ts';

/** The Deployments and StatefulSets among these objects, each with the pod that it makes. */
export function podsOf(manifests: readonly Manifest[]): { name: string; labels: object; pod: IPodSpec }[] {
  return manifests
    .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
    .map((manifest) => {
      const { template } = (manifest as unknown as { spec: NonNullable<IDeployment['spec']> }).spec;
      return {
        name: manifest.metadata.name,
        labels: template.metadata?.labels ?? {},
        pod: template.spec as IPodSpec,
      };
    });
}

/** What the Pod Security Standard "restricted" forbids in this pod, so far as these manifests use it. */
export function restrictedFaults(pod: IPodSpec): string[] {
  const all = [...(pod.initContainers ?? []), ...pod.containers];
  const volumes = ['configMap', 'emptyDir', 'secret', 'projected', 'downwardAPI', 'persistentVolumeClaim'];
  return [
    ...(pod.securityContext?.runAsNonRoot === true ? [] : ['may run as root']),
    ...(pod.securityContext?.runAsUser === 0 ? ['runs as root'] : []),
    ...(pod.securityContext?.seccompProfile?.type === 'RuntimeDefault' ? [] : ['has no seccomp profile']),
    ...(pod.hostNetwork || pod.hostPID || pod.hostIPC ? ['uses a namespace of the host'] : []),
    ...(pod.volumes ?? [])
      .filter((volume) => !volumes.some((kind) => kind in volume))
      .map(({ name }) => `volume ${name}`),
    ...all.flatMap(({ name, securityContext }) => [
      ...(securityContext?.allowPrivilegeEscalation === false ? [] : [`${name} may escalate`]),
      ...(securityContext?.capabilities?.drop?.includes('ALL') ? [] : [`${name} has capabilities`]),
      ...(securityContext?.privileged ? [`${name} is privileged`] : []),
    ]),
  ];
}

/** The environment that the container gets from literals, ConfigMaps and Secrets; of the downward API only that it is set. */
export function environmentOf(container: IContainer, manifests: readonly Manifest[]): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    const name = configMapRef?.name ?? secretRef?.name;
    const source = manifests.find(
      ({ kind, metadata }) => kind === (configMapRef ? 'ConfigMap' : 'Secret') && metadata.name === name,
    ) as { data?: Record<string, string> } | undefined;
    for (const [key, value] of Object.entries(source?.data ?? {}))
      environment[key] = secretRef ? Buffer.from(value, 'base64').toString('utf8') : value;
  }
  for (const { name, value, valueFrom } of container.env ?? [])
    environment[name] = value ?? `from-${valueFrom?.fieldRef?.fieldPath ?? valueFrom?.secretKeyRef?.name ?? ''}`;
  return environment;
}
