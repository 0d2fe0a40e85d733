import type { Progress } from '@reveille/contracts';
import { describe, expect, it, test } from 'vitest';
import { createKubernetesDriver } from '../../src/index.ts';
import { scaleRequest } from '../support/kubernetes/scale-request.ts';
import { withCluster } from '../support/kubernetes/with-cluster.ts';
import { context, never } from '../support/test-driver.ts';
import { waitFor } from '../support/wait-for.ts';

describe('the end of a pod says why it ended:', () => {
  it('the container used more memory than its limit', async () => {
    await using cluster = await withCluster();
    const { server, driver } = cluster;
    const running = await driver.start(scaleRequest(server), context());
    server.node.kill('home', server.podName(), 'OOMKilled');
    await expect(waitFor(running, { log: { pattern: 'never said' } })).rejects.toMatchObject({
      ...{ code: 'exited_early', exitCode: 137 },
      message:
        'the process ended with exit code 137 before it was ready: it, or a process of it, was killed for using more memory than its limit',
    });
  });

  it('the node evicted it', async () => {
    await using cluster = await withCluster();
    const { server, driver } = cluster;
    const running = await driver.start(scaleRequest(server), context());
    const message = 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi.';
    server.node.kill('home', server.podName(), { reason: 'Evicted', message });
    expect(await running.exited).toEqual({ code: 137, signal: null, why: `Evicted: ${message}` });
  });

  it('the cluster deleted it, with its node or for another pod', async () => {
    await using cluster = await withCluster();
    const { server, driver } = cluster;
    const running = await driver.start(scaleRequest(server, { program: 'stubborn' }), context());
    const reason = 'DeletionByTaintManager';
    const message = 'Taint manager: deleting due to NoExecute taint';
    server.store.update('pods', 'home', server.podName(), ({ status = {} }) => {
      status['conditions'] = [{ type: 'DisruptionTarget', status: 'True', reason, message }];
    });
    server.store.delete('pods', 'home', server.podName());
    expect(await running.exited).toEqual({ code: null, signal: null, why: `${reason}: ${message}` });
  });

  it('nothing of this when its program ended by itself', async () => {
    await using cluster = await withCluster();
    const running = await cluster.driver.start(scaleRequest(cluster.server, { program: 'exit' }), context());
    expect(await running.exited).toEqual({ code: 3, signal: null });
  });
});

const crashed = (name: string, exitCode: number, reason = 'Error') => ({
  ...{ name, restartCount: 3, lastState: { terminated: { exitCode, reason } } },
  state: { waiting: { reason: 'CrashLoopBackOff', message: `back-off 40s restarting failed container=${name}` } },
});

describe('a start fails when', () => {
  it.each([
    [
      'an init container keeps ending',
      {
        phase: 'Pending',
        initContainerStatuses: [crashed('migrate', 1)],
        containerStatuses: [{ name: 'main', state: { waiting: { reason: 'PodInitializing' } } }],
      },
      'the container migrate keeps ending (CrashLoopBackOff), last it ended with exit code 1: see its log (kubectl logs --previous -c migrate)',
    ],
    [
      'a side container keeps ending while that of the service runs',
      {
        phase: 'Running',
        containerStatuses: [{ name: 'main', ready: true, state: { running: {} } }, crashed('proxy', 137, 'OOMKilled')],
      },
      'the container proxy keeps ending (CrashLoopBackOff), last it ended with exit code 137 (it, or a process of it, was killed for using more memory than its limit)',
    ],
  ])('%s', async (_, status, message) => {
    await using cluster = await withCluster();
    const { server, driver } = cluster;
    const asked = scaleRequest(server, { image: 'huge' });
    // No node has room for it until its status says otherwise.
    const progress = ({ detail = '' }: Progress): void => {
      if (!detail.startsWith('no node')) return;
      server.store.update('pods', 'home', server.podName(), (pod) => void (pod.status = status));
    };
    const started = driver.start(asked, context({ progress }));
    await expect(started).rejects.toMatchObject({ code: 'exited_early', message: expect.stringContaining(message) });
    expect(await driver.stop(asked, { graceMs: 100, signal: never() })).toEqual({ stopped: true });
    expect(cluster.left()).toEqual([]);
  });
});

test('a pod whose init container fails for good has ended, and says which', async () => {
  await using cluster = await withCluster();
  const { server, driver } = cluster;
  const progress = ({ detail = '' }: Progress): void => {
    if (!detail.startsWith('no node')) return;
    const initContainerStatuses = [{ name: 'migrate', state: { terminated: { exitCode: 7 } } }];
    server.store.update(
      'pods',
      'home',
      server.podName(),
      (pod) => void (pod.status = { phase: 'Failed', initContainerStatuses }),
    );
  };
  const running = await driver.start(scaleRequest(server, { image: 'huge' }), context({ progress }));
  expect(await running.exited).toMatchObject({ code: null, why: 'its init container migrate ended with exit code 7' });
});

test('a pod that does not end is no stopped one: its node is named, and what helps', async () => {
  await using cluster = await withCluster();
  const { server } = cluster;
  const options = { ...cluster.options, endMs: 200 };
  await using driver = createKubernetesDriver(options);
  const asked = scaleRequest(server);
  await driver.start(asked, context());
  const pod = server.podName();
  server.node.isLost = true;
  expect(await driver.stop(asked, { graceMs: 100, signal: never() })).toEqual({
    stopped: false,
    reason: `the pod home/${pod} does not end; its node (node-1) may be lost, and the service may run there still. When it is certain that the node is down: kubectl -n home delete pod ${pod} --force`,
  });
  // Whoever looks later finds it still, and ends it when the node is back.
  expect(await driver.list(never())).toMatchObject([{ name: asked.name }]);
  server.node.isLost = false;
  expect(await driver.stop(asked, { graceMs: 100, signal: never() })).toEqual({ stopped: true });
  expect(cluster.left()).toEqual([]);
});
