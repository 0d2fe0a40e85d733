import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DriverError } from '@reveille/orchestration';
import type { Access } from './access.ts';
import { kubeconfigAccess } from './kubeconfig.ts';

const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** There is neither a kubeconfig nor a service account: this host belongs to no cluster. */
export class NoCluster extends DriverError {}

/**
 * `KUBECONFIG` when it is set, else the service account of the pod. `~/.kube/config` is not looked for: a developer's own cluster
 * is no place that an initializer may begin to use unasked.
 * @throws NoCluster, or DriverError `driver_error` when what is there says nothing that can be used.
 */
export async function findAccess(env: NodeJS.ProcessEnv, folder = ACCOUNT_FOLDER): Promise<Access> {
  const kubeconfig = env['KUBECONFIG'];
  if (kubeconfig !== undefined && kubeconfig !== '') return kubeconfigAccess(kubeconfig);
  const host = env['KUBERNETES_SERVICE_HOST'];
  if (host === undefined || host === '')
    throw new NoCluster(
      'driver_error',
      'there is no cluster: KUBECONFIG is not set, and this is no pod (KUBERNETES_SERVICE_HOST is not set)',
    );
  const read = (file: string): Promise<string> => readFile(path.join(folder, file), 'utf8');
  try {
    const [token, ca, namespace] = await Promise.all([read('token'), read('ca.crt'), read('namespace')]);
    const authority = host.includes(':') ? `[${host}]` : host;
    return {
      server: new URL(`https://${authority}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}`),
      namespace: namespace.trim(),
      token: token.trim(),
      tls: { ca },
    };
  } catch (error) {
    const words = `the token of the pod's service account cannot be read (set automountServiceAccountToken: true): ${(error as Error).message}`;
    throw new NoCluster('driver_error', words, { cause: error });
  }
}
