import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, inject, test, vi } from 'vitest';
import { parse } from 'yaml';
import type { Kind } from '../../src/deployables.ts';
import { promtool, withoutPromtool } from '../../src/monitoring/promtool.ts';
import { rehearsal } from '../../src/monitoring/rehearsal.ts';
import { type Sample, samplesOf } from '../../src/monitoring/sample.ts';
import { type ScrapedCluster, startScraped } from '../../src/monitoring/scraped-cluster.ts';
import { type Selector, selectorsOf, takes } from '../../src/monitoring/selector.ts';
import { WebhookReceiver } from '../../src/webhook-receiver.ts';

const rules = fileURLToPath(new URL('../../../docs/monitoring/rules.yaml', import.meta.url));
const witness = fileURLToPath(new URL('../../src/service/witness.ts', import.meta.url));
const run = (...flags: string[]) =>
  `process: { command: [node, "--conditions=@reveille/source", ${JSON.stringify(witness)}, ${flags.join(', ')}], passEnv: [HOME] }`;
const catalog = (rolled: string) => `
version: 1
services:
  answer: { name: Answer, start: { ${run('plain')} } }
  rolled: { name: Rolled, start: { ${run(rolled)} }, update: rolling, retry: { attempts: 1 } }
  broken: { name: Broken, start: { ${run('early')} }, retry: { attempts: 3, backoffMs: 10 }, cooldownMs: 600000 }
entrypoints:
  chat: { service: answer, upstream: { websocket: { path: /session } },
    authenticity: { forbid: [ { path: $.agent, equals: StandIn } ] } }
  rolled: { service: rolled, upstream: { websocket: { path: /session } } }
  broken: { service: broken }
`;

const failures = 'reveille_starts_total{service="broken",outcome!~"ready|let_go"}';

/** What was scraped of all three processes: while all was well, and in an incident. */
const well: Sample[][] = [];
let incident: Sample[] = [];

beforeAll(async () => {
  await using receiver = await WebhookReceiver.listen();
  await using scraped = await startScraped({
    ...{ redisUrl: inject('redisUrl'), catalog: catalog('plain'), relayEnv: receiver.env },
  });
  const { cluster } = scraped;
  well.push(await scrape(scraped));
  const ann = await cluster.connect('ann');
  await Array.fromAsync(ann.ask({ text: 'one' }));
  well.push(await scrape(scraped));
  const ben = await cluster.connect('ben', 0, { entrypoint: 'rolled' });
  await Array.fromAsync(ben.ask({ text: 'two' }));
  well.push(await scrape(scraped));

  // The receiver of webhooks is gone, a service fails each of its attempts, its neighbour lies, and a new version does not become ready.
  receiver.status = 410;
  const failed = Promise.withResolvers<void>();
  (await cluster.connect('cem', 0, { entrypoint: 'broken' })).on('initialization_failed', () => failed.resolve());
  await failed.promise;
  void ann.send({ lie: { agent: 'StandIn' } }).catch(() => undefined);
  await ann.closed;
  await cluster.replaceCatalog(catalog('early'));
  const signs = [
    failures,
    'reveille_updates_total{service="rolled",outcome="exited_early"}',
    'reveille_blocked_frames_total{entrypoint="chat"}',
    'reveille_webhooks_total{event="service_failed",outcome="dead"}',
    'reveille_webhooks_total{event="stand_in_blocked",outcome="dead"}',
  ];
  const look = async (): Promise<void> => {
    incident = await scrape(scraped);
    expect(signs.filter((sign) => taken(sign, incident).length === 0)).toEqual([]);
    expect(total(taken(failures, incident))).toBeGreaterThanOrEqual(3);
  };
  await vi.waitFor(look, { timeout: 60_000, interval: 250 });
});

test('every metric and label that the alerts go by is on the pages of running processes', async () => {
  const { groups } = parse(await readFile(rules, 'utf8')) as { groups: { rules: { expr: string }[] }[] };
  const selectors = groups.flatMap((group) => group.rules).flatMap(({ expr }) => selectorsOf(expr));
  expect(new Set(selectors.map(({ name }) => name)).size).toBeGreaterThan(8);
  expect(unseen(selectors)).toEqual([]);
});

test.each([
  ['metric', 'rate(reveille_start_total[5m])'],
  ['label', 'reveille_starts_total{state!="ready"}'],
  ['value', 'reveille_starts_total{outcome="failed"}'],
  ['group', 'sum by (service) (reveille_starts_total) > sum by (service, user) (reveille_starts_total offset 5m)'],
])('a %s that no process writes would be found', (_, expression) => {
  expect(unseen(selectorsOf(expression))).toHaveLength(1);
});

test('each failed attempt of a service is counted, and nothing of it before the first', () => {
  expect(well.map((samples) => taken(failures, samples))).toEqual([[], [], []]);
  expect(total(taken(failures, incident))).toBe(3);
});

test.skipIf(withoutPromtool)(
  'the alerts of an incident fire on what was scraped, and none while all is well',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'reveille-alerts-'));
    const file = join(folder, 'scraped.test.yaml');
    const fires = [
      ...['ReveilleStandInBlocked', 'ReveilleStartsFailing broken', 'ReveilleUpdateFailing rolled'],
      'ReveilleWebhooksGivenUp',
    ];
    const scenes = [...well.map((samples) => ({ samples, fires: [] })), { samples: incident, fires }];
    try {
      await writeFile(file, rehearsal({ rules, scenes }));
      expect(await promtool('test', 'rules', file)).toContain('SUCCESS');
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

function unseen(selectors: readonly Selector[]): Selector[] {
  const samples = [...well.flat(), ...incident];
  return selectors.filter((selector) => !samples.some((sample) => takes(selector, sample)));
}

function taken(expression: string, samples: readonly Sample[]): Sample[] {
  return samples.filter((sample) => selectorsOf(expression).some((selector) => takes(selector, sample)));
}

function total(samples: readonly Sample[]): number {
  return samples.reduce((sum, { value }) => sum + value, 0);
}

async function scrape({ page }: ScrapedCluster): Promise<Sample[]> {
  const kinds: Kind[] = ['edge', 'initializer', 'relay'];
  const pages = await Promise.all(
    kinds.map(async (kind) =>
      samplesOf(await page(kind)).map(({ labels, ...sample }) => ({
        // As Prometheus does with what it scrapes.
        ...{ ...sample, labels: { ...labels, instance: `${kind}-1` } },
      })),
    ),
  );
  return pages.flat().filter(({ name }) => name.startsWith('reveille_'));
}
