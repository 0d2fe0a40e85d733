import type { Progress } from '@reveille/contracts';
import { expect, test, vi } from 'vitest';
import { rolloutOf } from '../../src/kubernetes/rollout.ts';
import type { WorkloadPlan } from '../../src/kubernetes/workload-plan.ts';
import { kubernetesRequest, scaleRequest } from '../support/kubernetes/scale-request.ts';
import type { TestApiServer } from '../support/kubernetes/test-api-server.ts';
import { withCluster } from '../support/kubernetes/with-cluster.ts';
import { context } from '../support/test-driver.ts';

const soon = { timeout: 10_000 };

/** As `kubectl set image` does it. */
function roll(server: TestApiServer, image: string): void {
  server.store.update('deployments', 'home', 'subject', ({ spec }) => {
    const template = spec?.['template'] as { spec: { containers: object[] } } | undefined;
    Object.assign(template?.spec.containers[0] ?? {}, { image });
  });
}

/** A start of three pods, whose own probes fail. */
function startOfThree(cluster: Awaited<ReturnType<typeof withCluster>>) {
  const { server, driver } = cluster;
  scaleRequest(server, { image: 'unready' });
  const asked = kubernetesRequest({ scale: { kind: 'Deployment', name: 'subject', replicas: 3 } });
  const said: Progress[] = [];
  const deadline = new AbortController();
  const started = driver.start(asked, context({ progress: (step) => said.push(step), signal: deadline.signal }));
  started.catch(() => undefined);
  return {
    started,
    hears: (words: string) =>
      vi.waitFor(() => expect(said.map(({ detail }) => detail)).toContainEqual(expect.stringContaining(words)), soon),
    beLate: () => deadline.abort(new DOMException('the deadline is over', 'TimeoutError')),
  };
}

test('a rollout by others while it comes up is progress, and its pods of the new version make it ready', async () => {
  await using cluster = await withCluster();
  const { server } = cluster;
  server.controllers.isCareful = true;
  const start = startOfThree(cluster);
  await start.hears('3 of 3 pods made; the pod runs, but is not ready: Unhealthy: Readiness probe failed');
  roll(server, 'huge');
  await start.hears('rolling out: 1 of 3 pods are of the new version, 0 ready; the pod runs, but is not ready');
  roll(server, 'node');
  await start.started;
});

test('a rollout that the cluster waits for no longer is what a start fails with at its deadline', async () => {
  await using cluster = await withCluster();
  const { server } = cluster;
  server.controllers.isCareful = true;
  const start = startOfThree(cluster);
  await vi.waitFor(() => expect(server.store.list('pods', 'home')).toHaveLength(3), soon);
  server.controllers.stalled = 'ReplicaSet "subject-2" has timed out progressing.';
  roll(server, 'huge');
  await start.hears('made no progress within its progressDeadlineSeconds');
  start.beLate();
  const words =
    'the Deployment subject made no progress within its progressDeadlineSeconds (1 of 3 pods are of the new version, 0 ready): ReplicaSet "subject-2" has timed out progressing.';
  await expect(start.started).rejects.toMatchObject({
    code: 'probe_timeout',
    message: expect.stringContaining(`Readiness probe failed: HTTP probe failed with statuscode: 500; ${words}`),
  });
});

test('what a Deployment said before its last change is no obstacle, and no rollout', () => {
  const conditions = [
    { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'timed out' },
  ];
  const at = (generation: number) => ({
    metadata: { name: 'subject', generation },
    spec: { replicas: 3 },
    status: { observedGeneration: 1, replicas: 4, updatedReplicas: 1, conditions },
  });
  const plan = { workload: { kind: 'Deployment', name: 'subject' }, replicas: 3 } as WorkloadPlan;
  expect(rolloutOf(at(1), plan).stuck?.message).toContain('timed out');
  expect(rolloutOf(at(2), plan)).toEqual({});
});
