import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { edgeConfig } from '@reveille/edge';
import { initializerConfig } from '@reveille/initializer';
import { DEFAULT_DRAIN_MS } from '@reveille/lifecycle';
import { relayConfig } from '@reveille/relay';
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { describe, expect, test } from 'vitest';
import { buildOverlay, findKustomize } from '../../src/manifests/kustomize.ts';
import { environmentOf, podsOf, restrictedFaults } from '../../src/manifests/pod.ts';

const root = join(import.meta.dirname, '../../..');
const kustomize = findKustomize();
const build = (overlay: string) => buildOverlay(kustomize ?? ['kustomize'], join(root, 'k8s/overlays', overlay));

describe.skipIf(kustomize === undefined).each(['local', 'production'])('the overlay %s', (overlay) => {
  const manifests = kustomize === undefined ? [] : build(overlay);
  const pods = podsOf(manifests);
  const deployables = pods.filter(({ name }) => name !== 'reveille-redis');
  const container = (name: string) => pods.find((pod) => pod.name === `reveille-${name}`)?.pod.containers[0];

  test('has each deployable once', () => {
    expect(deployables.map(({ name }) => name).toSorted()).toEqual([
      'reveille-edge',
      'reveille-initializer',
      'reveille-relay',
    ]);
  });

  test('runs every pod under the pod security standard "restricted", read-only and without a token of the API server', () => {
    for (const { name, pod } of pods) {
      expect(restrictedFaults(pod), name).toEqual([]);
      expect(pod.automountServiceAccountToken, name).toBe(false);
      for (const { securityContext } of pod.containers)
        expect(securityContext?.readOnlyRootFilesystem, name).toBe(true);
    }
    const [namespace] = manifests.filter(({ kind }) => kind === 'Namespace');
    expect(namespace?.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    expect(manifests.filter(({ kind }) => /Role/.test(kind))).toEqual([]);
  });

  test('ends a pod only after it has left the balancers and has drained', () => {
    for (const { name, pod } of deployables) {
      const sleepS = pod.containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0;
      expect(sleepS, name).toBeGreaterThan(0);
      expect(pod.terminationGracePeriodSeconds, name).toBeGreaterThan(sleepS + DEFAULT_DRAIN_MS / 1000);
    }
  });

  test('never has fewer than before while it rolls, spreads over nodes and zones, and bounds disruptions', () => {
    for (const { name, labels, pod } of deployables) {
      const deployment = manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
      const { strategy } = (deployment as unknown as IDeployment).spec ?? {};
      expect(strategy?.rollingUpdate?.maxUnavailable, name).toBe(0);
      expect(
        pod.topologySpreadConstraints?.map(({ topologyKey }) => topologyKey),
        name,
      ).toEqual(['topology.kubernetes.io/zone', 'kubernetes.io/hostname']);
      const budget = manifests.find(({ kind, metadata }) => kind === 'PodDisruptionBudget' && metadata.name === name);
      expect(labels, name).toMatchObject(
        (budget as unknown as IPodDisruptionBudget).spec?.selector?.matchLabels ?? { none: '' },
      );
    }
  });

  test('asks each deployable at the health port whether it lives and is ready', () => {
    for (const { name, pod } of deployables) {
      const [{ ports, startupProbe, livenessProbe, readinessProbe } = {}] = pod.containers;
      expect(ports?.find((port) => port.name === 'health')?.containerPort, name).toBe(9090);
      expect(startupProbe?.httpGet, name).toEqual({ path: '/livez', port: 'health' });
      expect(livenessProbe?.httpGet, name).toEqual({ path: '/livez', port: 'health' });
      expect(readinessProbe?.httpGet, name).toEqual({ path: '/readyz', port: 'health' });
    }
  });

  test('says where a pod runs, in variables that the docs name', async () => {
    const documented = await readFile(join(root, 'docs/configuration.md'), 'utf8');
    for (const { name, pod } of deployables) {
      const environment = environmentOf(pod.containers[0] ?? { name: '' }, manifests);
      expect(environment, name).toMatchObject({
        POD_NAME: 'from-metadata.name',
        POD_UID: 'from-metadata.uid',
        POD_NAMESPACE: 'from-metadata.namespace',
        NODE_NAME: 'from-spec.nodeName',
      });
      for (const variable of Object.keys(environment)) expect(documented, name).toContain(`\`${variable}\``);
    }
  });

  test('gives settings that the deployables take, with the secrets that the docs say', () => {
    const key = 'A'.repeat(43);
    // Those of `local` are in the overlay itself; in production somebody has to make them.
    const made = overlay === 'local' ? {} : { REVEILLE_JWT_SECRET: key, REVEILLE_EDGE_SIGNING_KEY: key };
    const root = overlay === 'local' ? {} : { REVEILLE_ROOT_SECRET: key };
    const of = (name: string) => environmentOf(container(name) ?? { name: '' }, manifests);
    expect(edgeConfig({ ...of('edge'), ...made })).toMatchObject({ port: 8080, healthPort: 9090 });
    expect(initializerConfig({ ...of('initializer'), ...root })).toMatchObject({ reportPort: 8081, healthPort: 9090 });
    expect(relayConfig(of('relay'))).toMatchObject({ healthPort: 9090 });
  });
});
