import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { labels } from '../../src/kubernetes/owner.ts';
import { templateKinds } from '../../src/kubernetes/template.ts';
import { resources } from '../../src/kubernetes/kube-object.ts';
import { kubernetesRequest, programs, scaleRequest } from '../support/kubernetes/scale-request.ts';
import { withCluster } from '../support/kubernetes/with-cluster.ts';
import { context, line, never } from '../support/test-driver.ts';

type Role = { kind: string; rules?: { apiGroups: string[]; resources: string[]; verbs: string[] }[] };

const components = path.join(import.meta.dirname, '../../../../k8s/components');

/** `verb resource`, all that the Roles of a component allow. */
async function allowed(component: string): Promise<Set<string>> {
  const text = await readFile(path.join(components, component, 'role.yaml'), 'utf8');
  const roles = parseAllDocuments(text).map((document) => document.toJS() as Role);
  const rules = roles.flatMap(({ rules: found = [] }) => found);
  return new Set(
    rules.flatMap((rule) => rule.verbs.flatMap((verb) => rule.resources.map((each) => `${verb} ${each}`))),
  );
}

test('scaling asks for exactly the rights that k8s/components/kubernetes-scale gives', async () => {
  await using cluster = await withCluster();
  const { server, driver, another } = cluster;
  for (const kind of ['Deployment', 'StatefulSet'] as const) {
    const asked = scaleRequest(server, { kind, name: kind.toLowerCase() });
    const newer = scaleRequest(server, { kind, name: kind.toLowerCase(), generation: 2 });
    await driver.start(asked, context());
    await another.adopt(asked, context());
    // The Secret is there already, and is written anew.
    await line(await driver.start(newer, context()), /begun/);
    for (const run of await driver.list(never())) await driver.stop(run, { graceMs: 100, signal: never() });
  }
  const unready = scaleRequest(server, { image: 'unready', name: 'unready' });
  const enough = new AbortController();
  server.onAsked = (what) => what === 'list events' && enough.abort();
  await driver.start(unready, context({ signal: enough.signal })).catch(() => undefined);
  expect([...server.asked].toSorted()).toEqual([...(await allowed('kubernetes-scale'))].toSorted());
});

test('a template asks for exactly what k8s/components/kubernetes-template adds, for each kind', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'template-'));
  await using cluster = await withCluster();
  const { server, driver } = cluster;
  try {
    for (const workload of ['Deployment', 'StatefulSet', 'Pod']) {
      const kinds = templateKinds.filter(
        (kind) => kind === workload || !['Deployment', 'StatefulSet', 'Pod'].includes(kind),
      );
      const pod = { containers: [{ name: 'main', image: 'node', command: [process.execPath, '-e', programs.serve] }] };
      const spec = workload === 'Pod' ? pod : { replicas: 1, template: { spec: pod } };
      const objects = kinds.map((kind) => ({
        ...{ kind, apiVersion: resources[kind].group === '' ? 'v1' : 'apps/v1', metadata: { name: 'x' } },
        ...(kind === workload ? { spec } : {}),
      }));
      await writeFile(path.join(folder, 'x.yaml'), objects.map((object) => JSON.stringify(object)).join('\n---\n'));
      const asked = kubernetesRequest({ template: { file: 'x.yaml' } }, 1, { catalogDir: folder });
      await driver.start(asked, context());
      // Again: what is there is looked at.
      await driver.start(asked, context());
      await driver.stop(asked, { graceMs: 100, signal: never() });
    }
    const scale = await allowed('kubernetes-scale');
    const more = [...server.asked].filter((right) => !scale.has(right));
    expect(more.toSorted()).toEqual([...(await allowed('kubernetes-template'))].toSorted());
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('services in another namespace leave only the records of runs in that of the initializers', async () => {
  await using cluster = await withCluster();
  const { server, driver } = cluster;
  const asked = scaleRequest(server, { namespace: 'runs' });
  await driver.start(asked, context());
  for (const run of await driver.list(never())) await driver.stop(run, { graceMs: 100, signal: never() });
  expect([...(server.askedIn.get('home') ?? [])].toSorted()).toEqual(
    ['create', 'delete', 'get', 'list'].map((verb) => `${verb} configmaps`),
  );
  expect([...(server.askedIn.get('runs') ?? [])]).toEqual(expect.arrayContaining(['create secrets', 'watch pods']));
});

test('the network policies of k8s/components/kubernetes-scale go by the label that pods of runs have', async () => {
  const text = await readFile(path.join(components, 'kubernetes-scale/network-policy.yaml'), 'utf8');
  const keys = [...text.matchAll(/key: (\S+), operator: Exists/g)].map(([, key]) => key);
  expect(keys).toEqual([labels.run, labels.run]);
});
