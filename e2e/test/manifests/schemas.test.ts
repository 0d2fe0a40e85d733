import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readCatalog } from '@reveille/catalog';
import { describe, expect, test } from 'vitest';
import { buildOverlay, findKustomize, type Manifest } from '../../src/manifests/kustomize.ts';
import { schemaFaults } from '../../src/manifests/schema-faults.ts';

const overlays = join(import.meta.dirname, '../../../k8s/overlays');
const kustomize = findKustomize();
const build = (overlay: string): Manifest[] => buildOverlay(kustomize ?? ['kustomize'], join(overlays, overlay));

test('the tests of the manifests find kustomize or kubectl (in CI they must)', () => {
  if (process.env['CI']) expect(kustomize).toBeDefined();
});

describe.skipIf(kustomize === undefined)('manifests', () => {
  test.each(readdirSync(overlays))('the overlay %s says nothing that the schemas do not know', async (overlay) => {
    const manifests = build(overlay);
    expect(manifests.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['Namespace', 'Deployment', 'PodDisruptionBudget', 'NetworkPolicy']),
    );
    expect(await schemaFaults(manifests)).toEqual([]);
  });

  test.each(readdirSync(overlays))('the catalog of the overlay %s can be read', async (overlay) => {
    const { catalog } = await readCatalog(join(overlays, overlay, 'reveille.yaml'));
    expect(Object.keys(catalog.services)).not.toEqual([]);
  });

  test('a misspelt key and a value of the wrong kind are refused, wherever they are', async () => {
    const right = build('production');
    const cases = [
      ['Deployment', '"terminationGracePeriodSeconds"', '"terminationGracePeriodSecond"'],
      ['Deployment', '"readinessProbe"', '"readinesProbe"'],
      ['Deployment', '"maxUnavailable":0', '"maxUnavailabel":0'],
      ['Deployment', '"replicas":3', '"replicas":"3"'],
      ['Deployment', '"drop":', '"drops":'],
      ['PodDisruptionBudget', '"maxUnavailable"', '"maxUnavailible"'],
      ['NetworkPolicy', '"podSelector"', '"podSelektor"'],
      ['Ingress', '"pathType"', '"pathtype"'],
      ['ScaledObject', '"pollingInterval"', '"pollingIntervall"'],
      ['ServiceMonitor', '"interval"', '"intervall"'],
      ['PrometheusRule', '"annotations"', '"anotations"'],
    ] as const;
    const wrong = cases.map(([kind, from, to]) => {
      const text = JSON.stringify(right.find((manifest) => manifest.kind === kind));
      expect(text).toContain(from);
      return JSON.parse(text.replace(from, to)) as Manifest;
    });
    const faults = await schemaFaults(wrong);
    const accepted = cases.filter((_, index) => !faults.some((fault) => fault.startsWith(`${index}(`)));
    expect(accepted).toEqual([]);
  });

  test('a value that is missing or out of range is refused', async () => {
    const [rule] = build('production').filter(({ kind }) => kind === 'PrometheusRule') as [Manifest];
    const { spec: _, ...bare } = rule;
    const faults = await schemaFaults([bare as Manifest]);
    expect(faults.join('\n')).toContain('0: data must have required property spec');
  });
});
