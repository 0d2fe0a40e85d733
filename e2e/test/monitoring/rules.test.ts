import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { METRIC, type MetricDeclaration, PROCESS_METRIC } from '@reveille/telemetry';
import { expect, test } from 'vitest';
import { promtool, withoutPromtool } from '../../src/monitoring/promtool.ts';

const folder = new URL('../../../docs/monitoring/', import.meta.url);
const tests = ['rules.test.yaml', 'rules.week.test.yaml'];
const fileOf = (name: string): string => fileURLToPath(new URL(name, folder));

test.skipIf(withoutPromtool)(
  'each alert fires in its incident and not otherwise',
  async () => {
    await promtool('check', 'rules', fileOf('rules.yaml'));
    const said = await promtool('test', 'rules', ...tests.map(fileOf));
    expect(said.match(/SUCCESS/g)).toHaveLength(tests.length);
  },
  60_000,
);

test('each alert is rehearsed both ways, has words, and operations.md says what to do', async () => {
  const [rules, rehearsals, operations] = await Promise.all([
    readFile(fileOf('rules.yaml'), 'utf8'),
    Promise.all(tests.map((name) => readFile(fileOf(name), 'utf8'))).then((texts) => texts.join('\n')),
    readFile(fileURLToPath(new URL('../operations.md', folder)), 'utf8'),
  ]);
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
  expect(alerts.length).toBeGreaterThan(5);
  for (const alert of alerts) {
    const fires = new RegExp(`alertname: ${alert}(,|\\s+)\\s*exp_alerts`);
    expect([alert, fires.test(rehearsals)]).toEqual([alert, true]);
    expect([alert, rehearsals.includes(`alertname: ${alert} }`)]).toEqual([alert, true]);
    expect(operations).toContain(`| \`${alert}\` |`);
  }
});

test.each(['rules.yaml', ...tests, 'dashboard.json'])(
  'every metric and label that %s names is in the table of metrics',
  async (name) => {
    const text = await readFile(fileOf(name), 'utf8');
    const table: readonly MetricDeclaration[] = [...Object.values(METRIC), ...Object.values(PROCESS_METRIC)];
    const known = new Map(table.flatMap((one) => namesOf(one).map((shown) => [shown, one] as const)));
    const named = [...text.matchAll(/\b(?:reveille|nodejs|process)_[a-z0-9_]+/g)].map(([found]) => found);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((found) => !known.has(found))).toEqual([]);
    for (const [, found = '', selector = ''] of text.matchAll(/\b(reveille_\w+)\{([^}]*)\}/g))
      for (const [, label = ''] of selector.matchAll(/(\w+)\s*(?:=|!=|=~|!~)\s*\\?"/g))
        expect([...(known.get(found)?.labels ?? []), 'le', 'instance']).toContain(label);
  },
);

test('the dashboard shows every metric of the table', async () => {
  const text = await readFile(fileOf('dashboard.json'), 'utf8');
  const missing = [...Object.values(METRIC), ...Object.values(PROCESS_METRIC)].filter(
    ({ name }) => !text.includes(name),
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
  const { panels } = JSON.parse(text) as { panels: { id: number; gridPos: { x: number; y: number } }[] };
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size).toBe(panels.length);
});

function namesOf({ name, kind }: MetricDeclaration): string[] {
  return kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => `${name}${part}`) : [name];
}
