/** Kinds that this driver asks for, and where the API has them. */
export const resources = {
  ConfigMap: { group: '', version: 'v1', plural: 'configmaps' },
  Secret: { group: '', version: 'v1', plural: 'secrets' },
  Pod: { group: '', version: 'v1', plural: 'pods' },
  Event: { group: '', version: 'v1', plural: 'events' },
  Service: { group: '', version: 'v1', plural: 'services' },
  PersistentVolumeClaim: { group: '', version: 'v1', plural: 'persistentvolumeclaims' },
  Deployment: { group: 'apps', version: 'v1', plural: 'deployments' },
  StatefulSet: { group: 'apps', version: 'v1', plural: 'statefulsets' },
} as const;
export type Kind = keyof typeof resources;

export type Metadata = {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
};

/** Of any object what is used here of all of them. */
export type KubeObject = {
  apiVersion?: string;
  kind?: string;
  metadata: Metadata;
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  data?: Record<string, string>;
  items?: KubeObject[];
  message?: string;
  reason?: string;
};

export type Terminated = { exitCode: number; signal?: number; reason?: string; message?: string };
export type ContainerStatus = {
  name: string;
  restartCount?: number;
  ready?: boolean;
  state?: { waiting?: { reason?: string; message?: string }; running?: object; terminated?: Terminated };
  lastState?: { terminated?: Terminated };
};
export type Condition = { type: string; status: string; reason?: string; message?: string };

type Items = { items?: { key: string }[] };
type Container = {
  name: string;
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef?: { name?: string; key: string } } }[];
  envFrom?: { secretRef?: { name?: string } }[];
};
type Volume = {
  secret?: Items & { secretName?: string };
  projected?: { sources?: { secret?: Items & { name?: string } }[] };
};

export type Pod = {
  metadata: Metadata;
  spec?: { nodeName?: string; containers?: Container[]; volumes?: Volume[] };
  status?: {
    phase?: string;
    podIP?: string;
    reason?: string;
    message?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
};
