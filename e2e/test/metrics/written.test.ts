import { fileURLToPath } from 'node:url';
import type { ServerFrame } from '@reveille/contracts';
import { METRIC, PROCESS_METRIC } from '@reveille/telemetry';
import { expect, inject, test, vi } from 'vitest';
import { startScraped } from '../../src/monitoring/scraped-cluster.ts';
import { WebhookReceiver } from '../../src/webhook-receiver.ts';

const witness = fileURLToPath(new URL('../../src/service/witness.ts', import.meta.url));
const run = (...flags: string[]) =>
  `process: { command: [node, "--conditions=@reveille/source", ${JSON.stringify(witness)}, ${flags.join(', ')}], passEnv: [HOME] }`;
const catalog = (name: string) => `
version: 1
services:
  answer: { name: ${name}, scope: tenant, start: { ${run('plain')} }, limits: { instances: 1 } }
  slow: { name: Slow, start: { ${run('gated')} } }
  rolled: { name: ${name}, start: { ${run('plain')} }, update: rolling }
  broken: { name: Broken, start: { ${run('early')} }, retry: { attempts: 1 } }
entrypoints:
  chat: { service: answer, upstream: { websocket: { path: /session } },
    authenticity: { forbid: [ { path: $.agent, equals: StandIn } ] } }
  slow: { service: slow, limits: { connectionsPerUser: 1 } }
  broken: { service: broken }
  rolled: { service: rolled, upstream: { websocket: { path: /session } } }
`;
const token = 'an-admin-token-of-this-test-run';

test('every metric of the table is written by each deployable that it names, and no label holds a user or tenant', async () => {
  await using receiver = await WebhookReceiver.listen();
  await using scraped = await startScraped({
    redisUrl: inject('redisUrl'),
    catalog: catalog('Answer'),
    relayEnv: { REVEILLE_ADMIN_PORT: '0', REVEILLE_ADMIN_TOKEN: token, ...receiver.env },
  });
  const { cluster, relay, page } = scraped;
  const adminUrl = String((await relay.running())['adminUrl']);

  // A start, an answer, a loss.
  const ann = await cluster.connect('ann-1');
  const [first] = await Array.fromAsync(ann.ask({ text: 'one' }));
  const again = nextFrame(ann, 'initialization_completed');
  process.kill(Number(Object(first?.data)['pid']), 'SIGKILL');
  await again;
  // One instance is all that there may be.
  const eve = await cluster.connect('eve-1', 0, { tenant: 'tenant-b' });
  await nextFrame(eve, 'initialization_failed');
  // A start that fails, and a user who leaves before his start is ready.
  await nextFrame(await cluster.connect('bob-1', 0, { entrypoint: 'broken' }), 'initialization_failed');
  const cem = await cluster.connect('cem-1', 0, { entrypoint: 'slow' });
  await nextFrame(cem, 'initialization_started');
  const second = await cluster.connect('cem-1', 0, { entrypoint: 'slow', reconnect: false });
  expect(await second.closed).toMatchObject({ code: 4504 });
  await cem[Symbol.asyncDispose]();
  // A stand-in.
  void ann.send({ lie: { agent: 'StandIn' } }).catch(() => undefined);
  await ann.closed;
  // An operator, and a new catalog for everybody, by which what somebody uses is replaced.
  await nextFrame(await cluster.connect('dan-1', 0, { entrypoint: 'rolled' }), 'initialization_completed');
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const pause = await fetch(`${adminUrl}/v1/pause`, { method: 'POST', headers, body: '{"service":"slow"}' });
  expect(pause.status).toBe(200);
  await cluster.replaceCatalog(catalog('Another'));

  await vi.waitUntil(() => receiver.events.includes('stand_in_blocked') && receiver.events.includes('service_failed'), {
    timeout: 30_000,
  });
  for (const kind of ['edge', 'initializer', 'relay'] as const) {
    const wanted = [...Object.values(METRIC), ...Object.values(PROCESS_METRIC)].filter(({ of }) =>
      (of as readonly string[]).includes(kind),
    );
    await expect
      .poll(
        async () => {
          const body = await page(kind);
          return wanted.flatMap(({ name }) => (new RegExp(`^${name}(_count)?[{ ]`, 'm').test(body) ? [] : [name]));
        },
        { timeout: 30_000, interval: 250 },
      )
      .toEqual([]);
    const labels = [...(await page(kind)).matchAll(/^reveille_\w+\{(.*)\}/gm)].map(([, text = '']) => text);
    for (const id of ['ann-1', 'bob-1', 'cem-1', 'dan-1', 'eve-1', 'acme', 'tenant-b', '~'])
      expect(labels.join('\n')).not.toContain(id);
    const known = new Set<string>([...Object.values(METRIC).flatMap(({ labels: names }) => [...names]), 'le']);
    const used = labels.flatMap((text) => [...text.matchAll(/(\w+)="/g)].map(([, name = '']) => name));
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  }
  expect(await page('initializer')).toMatch(
    /reveille_starts_total\{service="broken",outcome="exited_early",phase="\w+"\} 1/,
  );
  expect(await page('edge')).toMatch(/reveille_limits_hit_total\{limit="connections_per_user"\} 1/);
}, 120_000);

function nextFrame(
  client: { on(type: never, listener: (frame: never) => void): unknown },
  type: string,
): Promise<ServerFrame> {
  return new Promise((resolve) => client.on(type as never, resolve as never));
}
