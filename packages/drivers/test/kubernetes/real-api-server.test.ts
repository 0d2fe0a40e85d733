import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { driverConformance, type Program } from '../../src/index.ts';
import { ControlPlane } from '../support/kubernetes/real/control-plane.ts';
import { withRealCluster } from '../support/kubernetes/real/real-cluster.ts';
import { kubernetesRequest, programs } from '../support/kubernetes/scale-request.ts';
import { context, never } from '../support/test-driver.ts';

/** The folder of `etcd` and `kube-apiserver`, as envtest of the Kubernetes project names it. */
const assets = process.env['KUBEBUILDER_ASSETS'];
const program: Program[] = ['serve', 'stubborn', 'exit'];

describe.skipIf(assets === undefined)('on a real API server, with the rights of k8s/components and no more', () => {
  let plane: ControlPlane;
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'template-'));
    plane = await ControlPlane.start(assets ?? '');
  });
  afterAll(async () => {
    await plane[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  const scaled = (name: string, generation: number) =>
    kubernetesRequest({ scale: { kind: 'Deployment', name, replicas: 1 } }, generation);

  describe('scaling', () => {
    const cases = driverConformance(async () => {
      const cluster = await withRealCluster(plane, ['kubernetes-scale']);
      const generations = [1, 2, 3, 7];
      await Promise.all(
        program.flatMap((one) =>
          generations.map((generation) => cluster.workload(`subject-${one}-${generation}`, one)),
        ),
      );
      return { ...cluster, request: (one, generation) => scaled(`subject-${one}-${generation}`, generation) };
    });
    it.each(cases)('$name', async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    });
  });

  describe('with a template', () => {
    const metadata = { name: 'subject-{scopeKey}-{generation}' };
    const container = (one: Program) => ({
      ...{ name: 'main', image: 'node', command: [process.execPath, '-e', programs[one]] },
      ports: [{ containerPort: '{port}' }],
    });
    const cases = driverConformance(async () => {
      for (const one of program) {
        const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container(one)] } };
        const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { port: 'at {port}' } };
        await writeFile(path.join(folder, `${one}.yaml`), `${JSON.stringify(settings)}\n---\n${JSON.stringify(pod)}`);
      }
      const cluster = await withRealCluster(plane, ['kubernetes-scale', 'kubernetes-template']);
      const request = (one: Program, generation: number) =>
        kubernetesRequest({ template: { file: `${one}.yaml` } }, generation, { catalogDir: folder });
      return { ...cluster, request };
    });
    it.each(cases)('$name', async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    });
  });

  it('leaves nothing behind, and the workload of others at nothing', async () => {
    await using cluster = await withRealCluster(plane, ['kubernetes-scale']);
    await cluster.workload('subject', 'serve');
    const asked = scaled('subject', 1);
    await cluster.driver.start(asked, context());
    expect(await cluster.left()).toHaveLength(3);
    expect(await cluster.driver.stop(asked, { graceMs: 1000, signal: never() })).toEqual({ stopped: true });
    expect(await cluster.left()).toEqual([]);
    expect(cluster.store.get('deployments', cluster.namespace, 'subject')?.spec).toMatchObject({ replicas: 0 });
  });

  it('says which right is missing', async () => {
    await using cluster = await withRealCluster(plane, []);
    await cluster.workload('subject', 'serve');
    await expect(cluster.driver.start(scaled('subject', 1), context())).rejects.toMatchObject({
      code: 'forbidden_by_cluster',
      message: expect.stringMatching(
        /may not \w+ (configmaps|pods) in the namespace "home-.*grant its service account/,
      ),
    });
  });
});
