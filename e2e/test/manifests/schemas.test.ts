import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCatalog } from '@reveille/catalog';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { buildOverlay, findKustomize, type Manifest } from '../../src/manifests/kustomize.ts';
import { schemaFaults } from '../../src/manifests/schema-faults.ts';

const overlays = join(import.meta.dirname, '../../../k8s/overlays');
const kustomize = findKustomize();
const build = (overlay: string): Manifest[] => buildOverlay(kustomize ?? ['kustomize'], join(overlays, overlay));

const files = readdirSync(join(overlays, '..'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml') && !/(kustomization|reveille)\.yaml$/.test(file))
  .toSorted();
const written = files.flatMap((file) =>
  parseAllDocuments(readFileSync(join(overlays, '..', file), 'utf8')).map((document) => document.toJS() as Manifest),
);

describe('the files of k8s/, without kustomize', () => {
  test('say nothing that the schemas do not know', async () => {
    expect(written.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining([
        'Deployment',
        'PodDisruptionBudget',
        'NetworkPolicy',
        'Role',
        'RoleBinding',
        'ScaledObject',
      ]),
    );
    expect(await schemaFaults(written)).toEqual([]);
  });

  test('a misspelt key is refused', async () => {
    const cases = [
      ['Deployment', '"terminationGracePeriodSeconds"', '"terminationGracePeriodSecond"'],
      ['Role', '"verbs"', '"verb"'],
      ['NetworkPolicy', '"podSelector"', '"podSelektor"'],
    ] as const;
    const wrong = cases.map(([kind, from, to]) => {
      const text = JSON.stringify(written.find((manifest) => manifest.kind === kind));
      expect(text).toContain(from);
      return JSON.parse(text.replace(from, to)) as Manifest;
    });
    const faults = await schemaFaults(wrong);
    expect(cases.filter((_, index) => !faults.some((fault) => fault.startsWith(`${index}(`)))).toEqual([]);
  });
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
