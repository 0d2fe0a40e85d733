import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readCatalog } from '@reveille/catalog';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Cluster } from '../../src/cluster.ts';
import { freePort } from '../../src/free-port.ts';
import { markedProcesses } from '../../src/marked-processes.ts';

const folder = fileURLToPath(new URL('../../../examples/services/', import.meta.url));
const kinds = ['http', 'express', 'fastify'] as const;

let cluster: Cluster;
const ports = new Map<string, number>();

beforeAll(async () => {
  const { catalog } = await readCatalog(`${folder}reveille.yaml`);
  for (const [name, service] of Object.entries(catalog.services)) {
    ports.set(name, await freePort());
    service.endpoint = { ...service.endpoint, port: ports.get(name) } as never;
    if (service.start.process) service.start.process.cwd = folder;
  }
  cluster = await Cluster.start({ redisUrl: inject('redisUrl'), catalog: JSON.stringify(catalog) });
});
afterAll(() => cluster[Symbol.asyncDispose]());

test.each(kinds)('the service in %s reports, answers, vetoes nothing when idle, and stops in order', async (kind) => {
  const client = await cluster.connect('ada', 0, { entrypoint: kind });
  const phases: (string | undefined)[] = [];
  client.on('service_initializing', ({ phase, detail }) => phases.push(`${phase}: ${detail}`));
  const text = 'The tokens of the agents are the tokens that cost';
  const keywords = [
    { word: 'tokens', count: 2 },
    { word: 'agents', count: 1 },
    { word: 'cost', count: 1 },
  ];
  const [answer] = await Array.fromAsync(client.ask(text));
  expect(answer).toMatchObject({ data: { keywords }, origin: { service: `keywords_${kind}` }, final: true });
  expect(phases).toContain('opening: reading the stop words');

  const base = `http://127.0.0.1:${ports.get(`keywords_${kind}`)}`;
  expect((await fetch(`${base}/busy`)).status).toBe(404);
  const own = await fetch(`${base}/keywords?text=${encodeURIComponent(text)}`);
  if (kind === 'http') expect(own.status).toBe(404);
  else expect(await own.json()).toEqual(keywords);

  const lost = new Promise((resolve) => client.on('initialization_started', resolve));
  for (const pid of markedProcesses(cluster.namespace))
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`src/${kind}.ts`)) process.kill(pid, 'SIGTERM');
  expect(await lost).toMatchObject({ reason: 'lost' });
  await client.ready();
  expect(await Array.fromAsync(client.ask(text))).toMatchObject([{ data: { keywords } }]);
});
