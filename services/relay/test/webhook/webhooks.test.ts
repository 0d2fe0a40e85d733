import { createHmac } from 'node:crypto';
import { webhookEvent } from '@reveille/contracts';
import { expect, test } from 'vitest';
import { relayConfig } from '../../src/index.ts';
import { instanceOf, RelayWorld } from '../relay-world.ts';
import { Receiver } from './receiver.ts';

test('a failure and its end are posted once, signed over time and body, without log lines', async () => {
  await using receiver = await Receiver.answering(204);
  await using world = await RelayWorld.create();
  const { metrics } = await world.relay(receiver.env);
  await world.start('db', 'failed');
  await world.commit('db', () => ({ kind: 'clear' }));
  await world.start('db', 'ready');
  await world.end('db');
  await world.start('db', 'ready');
  await expect.poll(() => receiver.deliveries.length).toBe(2);
  const bodies = receiver.deliveries.map(({ body }) => webhookEvent.parse(JSON.parse(body)));
  const instance = instanceOf('db');
  expect(bodies.toSorted((one, two) => one.at - two.at)).toMatchObject([
    { event: 'service_failed', instance, service: 'db', failure: { code: 'exited_early', message: 'It ended.' } },
    { event: 'service_recovered', instance, service: 'db' },
  ]);
  for (const { headers, body } of receiver.deliveries) {
    const [, seconds = '', given = ''] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['reveille-signature'])) ?? [];
    expect(given).toBe(createHmac('sha256', receiver.secret).update(`${seconds}.${body}`).digest('hex'));
    expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(120);
    const { id, event } = JSON.parse(body);
    expect(headers).toMatchObject({ 'reveille-delivery': id, 'reveille-event': event });
    expect(body).not.toContain('what a user said');
  }
  await expect
    .poll(async () => (await metrics.metricsText()).body)
    .toMatch(/reveille_webhooks_total\{event="service_recovered",outcome="delivered"\} 1/);
});

test('one that is not taken is tried again, the same one, and a redirect is not followed', async () => {
  await using receiver = await Receiver.answering(503, 302, 200);
  await using world = await RelayWorld.create();
  const { metrics } = await world.relay(receiver.env);
  await world.start('db', 'failed');
  await expect
    .poll(async () => (await metrics.metricsText()).body)
    .toMatch(/reveille_webhooks_total\{event="service_failed",outcome="delivered"\} 1/);
  expect(receiver.deliveries.map(({ path }) => new URL(path, 'http://x').pathname)).toEqual([
    '/hook',
    '/hook',
    '/hook',
  ]);
  expect(new Set(receiver.deliveries.map(({ body }) => body)).size).toBe(1);
  expect((await metrics.metricsText()).body).toMatch(
    /reveille_webhooks_total\{event="service_failed",outcome="failed"\} 2/,
  );
});

test('one whose receiver is gone is dead at once and kept without secret or address', async () => {
  await using receiver = await Receiver.answering(410);
  await using world = await RelayWorld.create();
  await world.relay(receiver.env);
  await world.start('db', 'failed');
  await expect.poll(() => world.broker.webhooks.dead(10)).toHaveLength(1);
  const [dead] = await world.broker.webhooks.dead(10);
  expect(dead).toMatchObject({ attempts: 1, error: expect.stringContaining('410'), event: { service: 'db' } });
  expect(receiver.deliveries).toHaveLength(1);
  for (const hidden of [receiver.secret, 'of-the-address']) expect(JSON.stringify(dead)).not.toContain(hidden);
});

test('a pause is no failure to tell of', async () => {
  await using receiver = await Receiver.answering(200);
  await using world = await RelayWorld.create();
  await world.relay(receiver.env);
  await world.begin('db');
  const shared = { attempt: 0, attempts: 0, retryable: true, traceId: '', phase: 'waiting', message: 'Paused.' };
  const failure = { code: 'maintenance', service: 'db', name: 'db', ...shared } as const;
  await world.commit('db', () => ({ kind: 'refuse', failure: failure as never, cooldownMs: 1 }));
  await world.start('other', 'failed');
  await expect.poll(() => receiver.deliveries.map(({ body }) => JSON.parse(body).service)).toEqual(['other']);
});

test.each([
  ['a secret without an address', { REVEILLE_WEBHOOK_SECRET: 's'.repeat(24) }, 'REVEILLE_WEBHOOK_URL'],
  ['an address without a secret', { REVEILLE_WEBHOOK_URL: 'https://x.example/' }, 'REVEILLE_WEBHOOK_SECRET'],
  [
    'an address with a password',
    { REVEILLE_WEBHOOK_URL: 'https://me:hidden@x.example/', REVEILLE_WEBHOOK_SECRET: 's'.repeat(24) },
    'REVEILLE_WEBHOOK_URL',
  ],
  ['an admin port alone', { REVEILLE_ADMIN_PORT: '0' }, 'REVEILLE_ADMIN_TOKEN and REVEILLE_CATALOG'],
])('%s is refused at the start', (_, env, name) => {
  const read = () => relayConfig({ REDIS_URL: 'redis://x', ...env });
  expect(read).toThrow(expect.objectContaining({ exitCode: 2, report: expect.stringContaining(name) }));
  expect(read).toThrow(expect.objectContaining({ report: expect.not.stringContaining('hidden') }));
});
