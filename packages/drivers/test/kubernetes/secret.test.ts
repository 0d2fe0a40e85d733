import process from 'node:process';
import { describe, expect, it } from 'vitest';
import type { KubeObject, Pod } from '../../src/kubernetes/kube-object.ts';
import { secretsOfPod } from '../../src/kubernetes/pod-secrets.ts';
import { ApiServer } from '../../src/kubernetes/api-server.ts';
import { findAccess } from '../../src/kubernetes/find-access.ts';
import { kubernetesRequest } from '../support/kubernetes/scale-request.ts';
import type { TestApiServer } from '../support/kubernetes/test-api-server.ts';
import { withCluster } from '../support/kubernetes/with-cluster.ts';
import { context, never } from '../support/test-driver.ts';

const encoded = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));

function plant(server: TestApiServer, name: string, values: Record<string, string>): void {
  server.store.create('secrets', 'home', { metadata: { name }, data: encoded(values) } as KubeObject);
}

/** A workload that is given Secrets by its own template and says what it was given. */
function sayingRequest(server: TestApiServer) {
  plant(server, 'database', { password: 'pa55word-of-db', unused: 'not-given' });
  plant(server, 'model', { MODEL_CREDENTIAL: 'sk-0123456789' });
  const source = `console.log(process.env.DATABASE + ' ' + process.env.MODEL_CREDENTIAL + ' not-given ' + process.env.MY_TOKEN); process.exitCode = 3;`;
  const container = {
    ...{ name: 'main', image: 'node', command: [process.execPath, '-e', source] },
    env: [
      { name: 'DATABASE', valueFrom: { secretKeyRef: { name: 'database', key: 'password' } } },
      { name: 'MY_TOKEN', value: 'written-there' },
    ],
    envFrom: [{ secretRef: { name: 'reveille-subject-global' } }, { secretRef: { name: 'model' } }],
  };
  const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [container] } };
  server.store.create('deployments', 'home', { metadata: { name: 'subject' }, spec: { replicas: 0, template } });
  return kubernetesRequest({ scale: { kind: 'Deployment', name: 'subject', replicas: 1 } });
}

describe('a Secret that the template of a pod names', () => {
  it('does not show in its log, as a variable of its own or with all of its Secret', async () => {
    await using cluster = await withCluster();
    const running = await cluster.driver.start(sayingRequest(cluster.server), context());
    await running.exited;
    expect(running.logs()).toEqual(['[redacted] [redacted] not-given [redacted]']);
  });

  it('costs nothing but this where it may not be read', async () => {
    await using cluster = await withCluster();
    cluster.server.forbidden.add('get secrets');
    const running = await cluster.driver.start(sayingRequest(cluster.server), context());
    await running.exited;
    expect(running.logs()).toEqual(['pa55word-of-db sk-0123456789 not-given [redacted]']);
  });

  it('is read when it is mounted, within bounds', async () => {
    await using cluster = await withCluster();
    const { server } = cluster;
    plant(server, 'files', { 'a.pem': 'first line\nsecond line', other: 'another', big: 'x'.repeat(100_000) });
    plant(server, 'all', { key: 'all of it' });
    using api = new ApiServer(() => findAccess(server.env));
    const pod: Pod = {
      metadata: { name: 'x' },
      spec: {
        containers: [{ name: 'main' }],
        volumes: [
          { secret: { secretName: 'files', items: [{ key: 'a.pem' }, { key: 'big' }] } },
          { projected: { sources: [{ secret: { name: 'all' } }, { secret: { name: 'there-is-none' } }] } },
        ],
      },
    };
    const found = await secretsOfPod({ api, namespace: 'home', pod, own: 'own', signal: never() });
    expect(found).toEqual(expect.arrayContaining(['first line', 'second line', 'all of it']));
    expect(found.filter((each) => each.includes('another') || each.length > 1000)).toEqual([]);
  });
});
