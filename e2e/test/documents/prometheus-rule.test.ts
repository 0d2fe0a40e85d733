import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const root = new URL('../../../', import.meta.url);
const rulesFile = new URL('docs/monitoring/rules.yaml', root);
const manifestFile = new URL('k8s/components/monitoring/prometheus-rule.yaml', root);

/** `REVEILLE_WRITE_DOCS=1` writes the groups into the manifest instead of comparing them. */
test('the PrometheusRule of k8s/ has exactly the rules that promtool tests', async () => {
  const [rules, manifest] = await Promise.all([readFile(rulesFile, 'utf8'), readFile(manifestFile, 'utf8')]);
  if (process.env['REVEILLE_WRITE_DOCS']) {
    const head = manifest.slice(0, manifest.indexOf('\n  groups:') + 1);
    const groups = rules.slice(rules.indexOf('groups:')).replaceAll(/^(?=.)/gm, '  ');
    return writeFile(manifestFile, head + groups);
  }
  const { groups } = parse(rules) as { groups: { rules: unknown[] }[] };
  expect(groups.flatMap((group) => group.rules).length).toBeGreaterThan(5);
  expect((parse(manifest) as { spec: unknown }).spec).toEqual({ groups });
});
