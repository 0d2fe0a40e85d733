import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type { ScopeKey } from '@reveille/contracts';
import type { StartRequest } from '@reveille/orchestration';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { driverConformance, type Program } from '../../src/index.ts';
import { kubernetesRequest, programs } from '../support/kubernetes/scale-request.ts';
import { withCluster } from '../support/kubernetes/with-cluster.ts';
import { context, never } from '../support/test-driver.ts';

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'template-'))));
afterAll(() => rm(folder, { recursive: true }));

const container = (program: Program) => ({
  ...{ name: 'main', image: 'node', command: [process.execPath, '-e', programs[program]] },
  ports: [{ containerPort: '{port}' }],
});
const metadata = { name: 'subject-{scopeKey}-{generation}' };

/** Objects of a workload of each kind. */
const kinds = {
  Deployment: (program: Program) => ({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata },
    spec: { replicas: 1, template: { metadata: { labels: { app: 'x' } }, spec: { containers: [container(program)] } } },
  }),
  StatefulSet: (program: Program) => ({
    ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata },
    spec: {
      ...{ replicas: 1, serviceName: 'none', selector: { matchLabels: { app: 'x' } } },
      template: { metadata: { labels: { app: 'x' } }, spec: { containers: [container(program)] } },
    },
  }),
  Pod: (program: Program) => ({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container(program)] } }),
};
const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { port: 'at {port}' } };

async function templateRequest(
  objects: object[],
  generation = 1,
  more: Partial<StartRequest> = {},
): Promise<StartRequest> {
  const file = `${randomUUID()}.yaml`;
  await writeFile(path.join(folder, file), objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  return kubernetesRequest({ template: { file } }, generation, { catalogDir: folder, ...more });
}

describe.each(['Pod', 'StatefulSet'] as const)('the kubernetes driver, with a template of a %s', (kind) => {
  const cases = driverConformance(async () => {
    const files = new Map<Program, string>();
    for (const program of ['serve', 'stubborn', 'exit'] as const) {
      const { spec } = await templateRequest([settings, kinds[kind](program)]);
      files.set(program, spec.start.kubernetes?.template?.file ?? '');
    }
    return {
      ...(await withCluster()),
      request: (program, generation) =>
        kubernetesRequest({ template: { file: files.get(program) ?? '' } }, generation, { catalogDir: folder }),
    };
  });
  it.each(cases)('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

test('what is made is marked as of its run, filled in, given its Secret, and all of it goes', async () => {
  await using cluster = await withCluster();
  const asked = await templateRequest([settings, kinds.Deployment('serve')]);
  await cluster.driver.start(asked, context());
  const name = 'subject-global-1';
  expect(cluster.server.store.get('configmaps', 'home', name)).toMatchObject({
    metadata: {
      labels: { 'app.kubernetes.io/managed-by': 'reveille' },
      annotations: { 'reveille.io/run': asked.name },
    },
    data: { port: 'at 8080' },
  });
  const deployment = cluster.server.store.get('deployments', 'home', name);
  expect(deployment?.spec).toMatchObject({
    template: {
      spec: {
        containers: [
          { ports: [{ containerPort: 8080 }], envFrom: [{ secretRef: { name: 'reveille-subject-global-1' } }] },
        ],
      },
    },
  });
  expect(await cluster.driver.stop(asked, { graceMs: 1000, signal: never() })).toEqual({ stopped: true });
  expect([...cluster.left(), ...cluster.server.store.list('deployments', 'home')]).toEqual([]);
});

test.each([
  [
    'two objects of one name',
    [settings, settings, kinds.Pod('serve')],
    'document 2: a second ConfigMap of the name subject-global-1',
  ],
  ['no workload', [settings], 'has 0 of Deployment, StatefulSet, Pod; exactly one is expected'],
  [
    'a kind that it may not make',
    [{ ...settings, kind: 'ClusterRole' }, kinds.Pod('serve')],
    'document 1: kind is "ClusterRole"',
  ],
  ['a name that is none', [{ ...settings, metadata: { name: 'A_b' } }, kinds.Pod('serve')], 'metadata.name is "A_b"'],
  ['a wrong version', [{ ...settings, apiVersion: 'v2' }, kinds.Pod('serve')], 'apiVersion is "v2"; v1 is expected'],
])('a template with %s is refused before anything is made', async (_, objects, words) => {
  await using cluster = await withCluster();
  await expect(cluster.driver.start(await templateRequest(objects), context())).rejects.toThrow(words);
  expect(cluster.left()).toEqual([]);
});

test('a value cannot change what a template says', async () => {
  await using cluster = await withCluster();
  const values = { scopeKey: 'global' as ScopeKey, tenant: 'x"}, "kind": "Secret', generation: 1, deps: new Map() };
  const objects = [{ ...settings, data: { tenant: '{tenant}' } }, kinds.Pod('serve')];
  await cluster.driver.start(await templateRequest(objects, 1, { values }), context());
  expect(cluster.server.store.get('configmaps', 'home', 'subject-global-1')?.data).toEqual({ tenant: values.tenant });
});

test('an object that is there already and of others is left alone, and what was made goes again', async () => {
  await using cluster = await withCluster();
  cluster.server.store.create('pods', 'home', { metadata: { name: 'subject-global-1' }, spec: {} });
  const asked = await templateRequest([settings, kinds.Pod('serve')]);
  const started = cluster.driver.start(asked, context());
  await expect(started).rejects.toThrow('the Pod home/subject-global-1 is there and belongs to somebody else');
  expect(await cluster.driver.stop(asked, { graceMs: 0, signal: never() })).toEqual({ stopped: true });
  expect(cluster.left().map(({ metadata: { name } }) => name)).toEqual(['subject-global-1']);
});
