import { randomUUID } from 'node:crypto';
import type { Progress } from '@reveille/contracts';
import type { Driver, Running, StartRequest } from '@reveille/orchestration';
import { describe, expect, it, test, vi } from 'vitest';
import { createKubernetesDriver } from '../../src/index.ts';
import { scaleRequest } from '../support/kubernetes/scale-request.ts';
import { withCluster } from '../support/kubernetes/with-cluster.ts';
import { context, never, quiet } from '../support/test-driver.ts';

const says = (code: string, words: string) => ({ code, message: expect.stringContaining(words) });
const late = (ms: number) => context({ signal: AbortSignal.timeout(ms) });

const answers = (running: Running) =>
  vi.waitFor(async () => expect((await fetch(running.endpoint?.url ?? '')).status).toBe(200), 5000);

/** As the initializer does once an attempt has failed, if the claim is still its. */
async function expectStopped(cluster: { driver: Driver }, asked: StartRequest): Promise<void> {
  expect(await cluster.driver.stop(asked, { graceMs: 0, signal: never() })).toEqual({ stopped: true });
}

describe('a start that cannot come up says why, and its stop leaves nothing', () => {
  it('an image that cannot be had', async () => {
    await using cluster = await withCluster();
    const asked = scaleRequest(cluster.server, { image: 'missing' });
    const started = cluster.driver.start(asked, context());
    await expect(started).rejects.toMatchObject(says('image_pull_failed', 'ImagePullBackOff'));
    await expectStopped(cluster, asked);
    expect(cluster.left()).toEqual([]);
    expect(cluster.server.store.get('deployments', 'home', 'subject')?.spec).toMatchObject({ replicas: 0 });
  });

  it('no room on any node, until its deadline', async () => {
    await using cluster = await withCluster();
    const said: Progress[] = [];
    const asked = scaleRequest(cluster.server, { image: 'huge' });
    const started = cluster.driver.start(asked, { ...late(500), progress: (step) => said.push(step) });
    await expect(started).rejects.toMatchObject(says('unschedulable', '3 Insufficient memory.; add nodes'));
    expect(said.map(({ detail }) => detail)).toContainEqual(expect.stringContaining('no node has room for it'));
    await expectStopped(cluster, asked);
    expect(cluster.left()).toEqual([]);
  });

  it('a quota that is used up', async () => {
    await using cluster = await withCluster();
    cluster.server.controllers.quota = 0;
    const asked = scaleRequest(cluster.server);
    const started = cluster.driver.start(asked, context());
    await expect(started).rejects.toMatchObject(says('quota_exceeded', 'the quota of the namespace "home" is used up'));
    await expectStopped(cluster, asked);
    expect(cluster.left()).toEqual([]);
  });

  it('probes of its own that fail, in the words of Kubernetes', async () => {
    await using cluster = await withCluster();
    const asked = scaleRequest(cluster.server, { image: 'unready' });
    const started = cluster.driver.start(asked, late(2500));
    await expect(started).rejects.toMatchObject(says('probe_timeout', 'Readiness probe failed: HTTP probe failed'));
    await expectStopped(cluster, asked);
    expect(cluster.left()).toEqual([]);
  });

  it.each([
    [
      'patch deployments',
      'the initializer may not patch deployments in the namespace "home"; grant its service account the verb "patch" on "deployments" of the API group "apps"',
    ],
    ['list pods', 'may not list pods in the namespace "home"'],
    ['create secrets', 'may not create secrets in the namespace "home"'],
  ])('a right that is missing: %s', async (right, words) => {
    await using cluster = await withCluster();
    cluster.server.forbidden.add(right);
    const asked = scaleRequest(cluster.server);
    const started = cluster.driver.start(asked, context());
    await expect(started).rejects.toMatchObject(says('forbidden_by_cluster', words));
    await expectStopped(cluster, asked);
    expect(cluster.server.store.list('secrets', 'home')).toEqual([]);
  });

  it('a workload that is not there', async () => {
    await using cluster = await withCluster();
    const asked = scaleRequest(cluster.server);
    cluster.server.store.delete('deployments', 'home', 'subject');
    const words = 'the Deployment home/subject does not exist; apply it with replicas: 0';
    await expect(cluster.driver.start(asked, context())).rejects.toMatchObject(says('driver_error', words));
    await expectStopped(cluster, asked);
    expect(cluster.left()).toEqual([]);
  });
});

test('a workload that runs for somebody else, or for a newer generation, is left alone', async () => {
  await using cluster = await withCluster();
  await cluster.driver.start(scaleRequest(cluster.server, { generation: 2 }), context());
  const older = scaleRequest(cluster.server);
  await expect(cluster.driver.start(older, context())).rejects.toThrow('of the newer');
  await expectStopped(cluster, older);
  const theirs = createKubernetesDriver({ namespace: randomUUID(), logger: quiet, env: cluster.server.env });
  const newer = scaleRequest(cluster.server, { generation: 3 });
  await expect(theirs.start(newer, context())).rejects.toThrow('belongs to');
  await expectStopped({ driver: theirs }, newer);
  expect(await theirs.list(never())).toEqual([]);
  expect(await cluster.driver.list(never())).toMatchObject([{ generation: 2 }]);
  await theirs[Symbol.asyncDispose]();
});

test('a newer generation takes over the workload of an older one, whose stop then ends nothing', async () => {
  await using cluster = await withCluster();
  const [older, newer] = [1, 2].map((generation) => scaleRequest(cluster.server, { generation }));
  if (older === undefined || newer === undefined) throw new Error('two requests');
  const first = await cluster.driver.start(older, context());
  const second = await cluster.driver.start(newer, context());
  await first.exited;
  expect(await cluster.driver.stop(older, { graceMs: 0, signal: never() })).toEqual({ stopped: true });
  await answers(second);
});

describe('while the API server is', () => {
  it('busy or changed by others, a start goes on', async () => {
    await using cluster = await withCluster();
    const asked = scaleRequest(cluster.server);
    Object.assign(cluster.server, { busy: 3, conflicts: 2 });
    const running = await cluster.driver.start(asked, context());
    await answers(running);
    expect(cluster.server).toMatchObject({ busy: 0, conflicts: 0 });
  });

  it('slow, events that come in pieces are understood', async () => {
    await using cluster = await withCluster();
    cluster.server.isSlow = true;
    await cluster.driver.start(scaleRequest(cluster.server), context());
  });

  it('refusing an expired token, the new one is read', async () => {
    await using cluster = await withCluster();
    expect(await cluster.driver.list(never())).toEqual([]);
    cluster.server.token = 'second';
    await expect(cluster.driver.list(never())).rejects.toThrow('is expired or wrong');
    await cluster.server.writeToken();
    expect(await cluster.driver.list(never())).toEqual([]);
  });

  it('forgetful (410 Gone), pods are listed again, and what ended meanwhile is noticed', async () => {
    await using cluster = await withCluster();
    const { server } = cluster;
    const running = await cluster.driver.start(scaleRequest(server), context());
    const { lists } = server;
    server.token = 'nobody has this one';
    server.endWatches('cut');
    const [pod] = server.store.list('pods', 'home');
    server.controllers.quota = 0;
    server.node.deletePod('home', pod?.metadata.name ?? '', 1);
    await vi.waitFor(() => expect(server.store.list('pods', 'home')).toEqual([]));
    server.forget();
    server.token = 'first';
    await running.exited;
    expect(server.lists).toBe(lists + 1);
  });

  it('quiet, bookmarks keep a watch from being listed again', async () => {
    await using cluster = await withCluster();
    const { server } = cluster;
    await cluster.driver.start(scaleRequest(server), context());
    const { lists, watched } = server;
    server.forget();
    server.bookmark();
    server.endWatches('end');
    await vi.waitFor(() => expect(server.watched).toBe(watched + 1));
    expect(server.lists).toBe(lists);
  });
});

test('a pod that is evicted is the end of its run', async () => {
  await using cluster = await withCluster();
  const { server } = cluster;
  const running = await cluster.driver.start(scaleRequest(server), context());
  const [pod] = server.store.list('pods', 'home');
  server.node.deletePod('home', pod?.metadata.name ?? '', 1);
  await running.exited;
});

test('a run behind a Service answers at its address and outlives the pods that others roll', async () => {
  await using cluster = await withCluster();
  const { server } = cluster;
  server.store.create('services', 'home', { metadata: { name: 'subject' }, spec: { clusterIP: '10.0.0.7' } });
  const running = await cluster.driver.start(scaleRequest(server), context());
  expect(running.endpoint?.url).toBe('http://10.0.0.7:8080');
  let isOver = false;
  void running.exited.then(() => (isOver = true));
  const [before] = server.store.list('pods', 'home');
  server.store.update('deployments', 'home', 'subject', ({ spec }) => {
    const template = spec?.['template'] as { metadata: { labels: object } } | undefined;
    Object.assign(template?.metadata.labels ?? {}, { version: '2' });
  });
  await vi.waitFor(() => {
    const pods = server.store.list('pods', 'home');
    expect(pods).toHaveLength(1);
    expect(pods[0]?.metadata.uid).not.toBe(before?.metadata.uid);
  });
  expect(isOver).toBe(false);
});

test('a run without a Service ends with its pod when others roll it: its endpoint was the address of that pod', async () => {
  await using cluster = await withCluster();
  const { server } = cluster;
  const running = await cluster.driver.start(scaleRequest(server), context());
  server.store.update('deployments', 'home', 'subject', ({ spec }) => {
    const template = spec?.['template'] as { metadata: { labels: object } } | undefined;
    Object.assign(template?.metadata.labels ?? {}, { version: '2' });
  });
  expect(await running.exited).toMatchObject({ code: expect.toSatisfy((code) => code === null || code === 0) });
});

test('a secret of its environment does not show in its log', async () => {
  await using cluster = await withCluster();
  const asked = scaleRequest(cluster.server, { source: `console.log('key ' + process.env.REVEILLE_INSTANCE_KEY);` });
  const running = await cluster.driver.start(asked, context());
  await running.exited;
  expect(running.logs()).toEqual(['key [redacted]']);
});

test('a StatefulSet is scaled as a Deployment is', async () => {
  await using cluster = await withCluster();
  const asked = scaleRequest(cluster.server, { kind: 'StatefulSet' });
  await answers(await cluster.driver.start(asked, context()));
  expect(await cluster.driver.stop(asked, { graceMs: 1000, signal: never() })).toEqual({ stopped: true });
  expect(cluster.left()).toEqual([]);
});

test('an initializer of no cluster runs nothing there, and a start says what is missing', async () => {
  await using driver = createKubernetesDriver({ namespace: randomUUID(), logger: quiet, env: {} });
  expect(await driver.list(never())).toEqual([]);
  await using cluster = await withCluster();
  const started = driver.start(scaleRequest(cluster.server), context());
  await expect(started).rejects.toThrow('there is no cluster: KUBECONFIG is not set, and this is no pod');
});
