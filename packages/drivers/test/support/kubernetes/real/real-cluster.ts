import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { vi } from 'vitest';
import type { KubeObject } from '../../../../src/kubernetes/kube-object.ts';
import { createKubernetesDriver, type Program } from '../../../../src/index.ts';
import { quiet } from '../../test-driver.ts';
import { programs } from '../scale-request.ts';
import { TestControllers } from '../test-controllers.ts';
import { TestNode } from '../test-node.ts';
import { type ControlPlane, tokens } from './control-plane.ts';
import { RemoteStore } from './remote-store.ts';

const components = path.join(import.meta.dirname, '../../../../../../k8s/components');
const rbac = '/apis/rbac.authorization.k8s.io/v1';

/** A namespace of its own on a real API server, with a node and controllers of the tests, and two drivers with the rights of an initializer. */
export async function withRealCluster(plane: ControlPlane, rights: readonly string[]) {
  await using parts = new AsyncDisposableStack();
  const namespace = `home-${randomUUID()}`;
  const { admin } = plane;
  await admin.call('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
  await grant(plane, namespace, rights);
  const store = parts.use(new RemoteStore(admin, namespace));
  const node = parts.use(new TestNode(store));
  plane.nodes.set(namespace, node);
  new TestControllers(store, node);
  const graces = new Map<string, number>();
  store.onEvent(({ type, plural, object: { metadata } }) => {
    const { name, uid = '', deletionTimestamp } = metadata;
    if (plural !== 'pods' || type !== 'MODIFIED' || deletionTimestamp === undefined) return;
    const { deletionGracePeriodSeconds = 30 } = metadata as { deletionGracePeriodSeconds?: number };
    // Who asks again with less time gets it.
    if (deletionGracePeriodSeconds >= (graces.get(uid) ?? Infinity)) return;
    graces.set(uid, deletionGracePeriodSeconds);
    node.deletePod(namespace, name, deletionGracePeriodSeconds);
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'kubeconfig-'));
  parts.defer(() => rm(folder, { recursive: true }));
  const KUBECONFIG = path.join(folder, 'config');
  await writeFile(KUBECONFIG, JSON.stringify(kubeconfig(plane, namespace)));
  const options = { namespace: randomUUID(), logger: quiet, env: { KUBECONFIG } };
  const driver = parts.use(createKubernetesDriver(options));
  const another = parts.use(createKubernetesDriver(options));
  const disposal = parts.move();
  return {
    ...{ namespace, store, driver, another },
    /** What is left in the namespace of what a driver makes. */
    async left(): Promise<string[]> {
      const names = async (plural: string) => {
        const { items = [] } = await admin.call('GET', `/api/v1/namespaces/${namespace}/${plural}`);
        return items.map(({ metadata }) => `${plural}/${metadata.name}`);
      };
      return (await Promise.all(['configmaps', 'secrets', 'pods'].map(names))).flat();
    },
    /** A workload of others, scaled to nothing. */
    async workload(name: string, program: Program): Promise<void> {
      const command = [process.execPath, '-e', programs[program]];
      const containers = [
        { name: 'main', image: 'node', command, envFrom: [{ secretRef: { name: 'reveille-subject-global' } }] },
      ];
      const template = { metadata: { labels: { app: name } }, spec: { containers } };
      store.create('deployments', namespace, { metadata: { name }, spec: { replicas: 0, template } });
      await store.settled();
      await vi.waitFor(() => {
        if (store.get('deployments', namespace, name)?.metadata.uid === undefined)
          throw new Error(`${name} is not there yet`);
      }, 10_000);
    },
    async [Symbol.asyncDispose]() {
      for (const { metadata } of store.list('deployments')) store.delete('deployments', namespace, metadata.name);
      await disposal.disposeAsync();
    },
  };
}

/** The Roles of components of `k8s/`, for the initializer of the tests. */
async function grant({ admin }: ControlPlane, namespace: string, rights: readonly string[]): Promise<void> {
  for (const component of rights) {
    const text = await readFile(path.join(components, component, 'role.yaml'), 'utf8');
    for (const document of parseAllDocuments(text)) {
      const object = document.toJS() as KubeObject & { subjects?: object[] };
      const plural = object.kind === 'Role' ? 'roles' : 'rolebindings';
      const subjects = [{ kind: 'User', name: 'initializer', apiGroup: 'rbac.authorization.k8s.io' }];
      const given = object.kind === 'Role' ? object : { ...object, subjects };
      await admin.call('POST', `${rbac}/namespaces/${namespace}/${plural}`, given);
    }
  }
}

function kubeconfig({ url, caFile }: ControlPlane, namespace: string): object {
  return {
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'c', user: 'u', namespace } }],
    clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority': caFile } }],
    users: [{ name: 'u', user: { token: tokens.initializer } }],
  };
}
