import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { relayConfig } from '@reveille/relay';
import type { IRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role';
import type { IRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildChanged, findKustomize, type Kustomization, type Manifest } from '../../src/manifests/kustomize.ts';
import { letsThrough, type Peer } from '../../src/manifests/network.ts';
import { environmentOf, podsOf, restrictedFaults } from '../../src/manifests/pod.ts';
import { schemaFaults } from '../../src/manifests/schema-faults.ts';

const kustomize = findKustomize();
/** The overlay for production with components that it does not have of itself. */
const withComponents = (...names: string[]): Manifest[] =>
  kustomize === undefined
    ? []
    : buildChanged(kustomize, 'production', ({ components = [], ...more }) => ({
        ...more,
        components: [...components, ...names.map((name) => `../../components/${name}`)],
      }));

describe
  .skipIf(kustomize === undefined)
  .each([{ components: ['kubernetes-scale'] }, { components: ['kubernetes-scale', 'kubernetes-template'] }])(
  'the overlay production with $components',
  ({ components }) => {
    const manifests = withComponents(...components);
    const pods = podsOf(manifests);

    test('says nothing that the schemas do not know', async () => {
      expect(await schemaFaults(manifests)).toEqual([]);
    });

    test('gives initializers, and nothing else, a token of the API server', () => {
      expect(pods.filter(({ pod }) => pod.automountServiceAccountToken !== false).map(({ name }) => name)).toEqual([
        'reveille-initializer',
      ]);
    });

    test('binds the Role of each component to the service account of initializers', () => {
      const bindings = manifests.filter(({ kind }) => kind === 'RoleBinding') as unknown as Required<IRoleBinding>[];
      const roles = manifests.filter(({ kind }) => kind === 'Role') as unknown as IRole[];
      expect(bindings.map(({ roleRef }) => roleRef.name)).toEqual(roles.map(({ metadata }) => metadata?.name));
      expect(roles).toHaveLength(components.length);
      const initializers = pods.find(({ name }) => name === 'reveille-initializer');
      for (const { subjects } of bindings)
        expect(subjects).toEqual([
          { kind: 'ServiceAccount', name: initializers?.pod.serviceAccountName, namespace: 'reveille' },
        ]);
    });

    const labelsOf = (name: string): Peer => ({
      namespace: 'reveille',
      labels: (pods.find((pod) => pod.name === `reveille-${name}`)?.labels ?? {}) as Peer['labels'],
    });
    const [edge, initializer, relay] = ['edge', 'initializer', 'relay'].map(labelsOf) as [Peer, Peer, Peer];
    const lets = (from: Peer, to: Peer, port: number): boolean => letsThrough(manifests, from, to, port);

    test.each(['reveille', 'models'])(
      'lets users and reports through to and from runs in the namespace %s',
      (namespace) => {
        const run: Peer = { namespace, labels: { app: 'model', 'reveille.io/run': '0123456789abcdef' } };
        const other: Peer = { namespace, labels: { app: 'model' } };
        for (const from of [edge, initializer])
          expect([lets(from, run, 8080), lets(from, run, 5432), lets(from, other, 8080)]).toEqual([true, true, false]);
        expect(lets(relay, run, 8080)).toBe(false);
        const reports = podsOf(manifests)
          .find(({ name }) => name === 'reveille-initializer')
          ?.pod.containers[0]?.ports?.find(({ name }) => name === 'reports')?.containerPort;
        expect(lets(run, initializer, reports ?? 0)).toBe(true);
        expect(lets(other, initializer, reports ?? 0)).toBe(false);
        expect([lets(run, initializer, 9090), lets(run, edge, 8080), lets(run, relay, 9090)]).toEqual([
          false,
          false,
          false,
        ]);
      },
    );

    test('lets through what it let through before', () => {
      expect([lets(edge, initializer, 40_000), lets(initializer, initializer, 40_000)]).toEqual([true, true]);
      expect([lets(initializer, edge, 8080), lets(relay, edge, 8080)]).toEqual([false, false]);
      const ingress: Peer = { namespace: 'ingress-nginx', labels: {} };
      expect([lets(ingress, edge, 8080), lets(ingress, initializer, 8081)]).toEqual([true, false]);
    });
  },
);

describe.skipIf(kustomize === undefined)('the overlay production with admin and webhooks', () => {
  const manifests = withComponents('admin', 'webhooks');
  const pods = podsOf(manifests);
  const relay = pods.find(({ name }) => name === 'reveille-relay');

  test('says nothing that the schemas do not know', async () => {
    expect(await schemaFaults(manifests)).toEqual([]);
    for (const { pod } of pods) expect(restrictedFaults(pod)).toEqual([]);
  });

  test('gives relays, and nothing else, settings that they take, with the Secrets that its components name', () => {
    const environment = environmentOf(relay?.pod.containers[0] ?? { name: '' }, manifests);
    expect(environment).toMatchObject({
      REVEILLE_ADMIN_TOKEN: 'from-reveille-admin',
      REVEILLE_WEBHOOK_URL: 'from-reveille-webhooks',
      REVEILLE_WEBHOOK_SECRET: 'from-reveille-webhooks',
      POD_NAME: 'from-metadata.name',
    });
    const made = { REVEILLE_WEBHOOK_URL: 'https://example.com/hook', REVEILLE_WEBHOOK_SECRET: 'S'.repeat(32) };
    const config = relayConfig({ ...environment, ...made, REVEILLE_ADMIN_TOKEN: 'T'.repeat(32) });
    const [{ ports, volumeMounts } = {}] = relay?.pod.containers ?? [];
    expect(config.adminPort).toBe(ports?.find(({ name }) => name === 'admin')?.containerPort);
    const mounted = volumeMounts?.find(({ mountPath }) => config.catalog?.startsWith(`${mountPath}/`));
    expect(relay?.pod.volumes?.find(({ name }) => name === mounted?.name)?.configMap?.name).toBe('reveille-catalog');
    for (const { name, pod } of pods.filter((one) => one !== relay))
      expect(environmentOf(pod.containers[0] ?? { name: '' }, manifests), name).not.toHaveProperty(
        'REVEILLE_ADMIN_PORT',
      );
  });

  test('lets pods of operators to the admin API and nobody else', () => {
    const to: Peer = { namespace: 'reveille', labels: (relay?.labels ?? {}) as Peer['labels'] };
    const lets = (from: Peer): boolean => letsThrough(manifests, from, to, 9091);
    expect(lets({ namespace: 'reveille', labels: { 'reveille.io/operator': 'true' } })).toBe(true);
    expect(lets({ namespace: 'other', labels: { 'reveille.io/operator': 'true' } })).toBe(false);
    expect(lets({ namespace: 'ingress-nginx', labels: {} })).toBe(false);
    const service = manifests.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'reveille-admin');
    expect(relay?.labels).toMatchObject((service as { spec?: { selector?: object } }).spec?.selector ?? { none: '' });
  });
});

test.skipIf(kustomize === undefined)(
  'a namespace for runs, as docs/kubernetes.md shows it, leaves records alone at home',
  async () => {
    if (kustomize === undefined) return;
    const page = readFileSync(join(import.meta.dirname, '../../../docs/kubernetes.md'), 'utf8');
    const [atHome, ofRuns] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(
      ([, text = '']) => parse(text) as Kustomization,
    );
    const home = buildChanged(kustomize, 'production', ({ components = [], ...more }) => ({
      ...{ ...more, ...atHome },
      components: [...components, '../../components/kubernetes-scale'],
    }));
    const rolesOf = (manifests: Manifest[]) => manifests.filter(({ kind }) => kind === 'Role') as unknown as IRole[];
    expect(rolesOf(home).map(({ rules }) => rules)).toEqual([
      [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'create', 'delete'] }],
    ]);
    const runs = buildChanged(kustomize, 'runs', () => ofRuns ?? {});
    expect(runs.map(({ kind, metadata }) => [kind, metadata.namespace, metadata.name])).toEqual(
      ['Role', 'RoleBinding'].flatMap((kind) =>
        ['scale', 'template'].map((name) => [kind, 'reveille-runs', `reveille-initializer-${name}`]),
      ),
    );
    for (const { subjects } of runs.filter(({ kind }) => kind === 'RoleBinding') as unknown as IRoleBinding[])
      expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'reveille-initializer', namespace: 'reveille' }]);
    expect(await schemaFaults([...home, ...runs])).toEqual([]);
  },
);
