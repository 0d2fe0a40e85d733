import { expect } from 'vitest';
import type { WebhookReceiver } from '../../src/webhook-receiver.ts';

/** Everything that an operator may do, and a webhook that is given up and sent again. */
export async function operate(of: { adminUrl: string; token: string; receiver: WebhookReceiver }): Promise<void> {
  const { adminUrl, token, receiver } = of;
  const ask = async (path: string, body?: object): Promise<Record<string, unknown>> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${adminUrl}${path}`, { headers, ...init });
    const answer = (await response.json()) as Record<string, unknown>;
    expect([path, response.ok ? undefined : answer]).toEqual([path, undefined]);
    return answer;
  };
  const store = () => ask('/v1/instances/store~global');

  await ask('/v1/start', { entrypoint: 'chat', user: 'ann', tenant: 'acme' });
  await expect.poll(async () => (await ask('/v1/plan?entrypoint=chat&tenant=acme&user=ann'))['ready']).toBe(true);
  const { generation } = await store();
  await ask('/v1/restart', { service: 'store' });
  await expect.poll(async () => (await store())['generation']).toBeGreaterThan(Number(generation));
  await expect.poll(async () => (await store())['state']).toBe('ready');
  await ask('/v1/stop', { service: 'broken' });
  for (const target of [{ service: 'broken' }, { entrypoint: 'chat' }]) {
    await ask('/v1/pause', target);
    expect(await ask('/v1/pauses')).toMatchObject({ pauses: [{ target: { name: Object.values(target)[0] } }] });
    await ask('/v1/resume', target);
  }
  expect(await ask('/v1/instances')).toMatchObject({ total: 2 });
  expect(await ask('/v1/sessions')).toMatchObject({ edges: 1 });
  await ask('/v1/instances/store~global/timeline');

  receiver.status = 410;
  await ask('/v1/start', { service: 'broken' });
  await expect.poll(async () => (await ask('/v1/webhooks/dead'))['webhooks']).toHaveLength(1);
  const { webhooks } = (await ask('/v1/webhooks/dead')) as { webhooks: { event: { id: string } }[] };
  receiver.status = 503;
  await ask(`/v1/webhooks/dead/${encodeURIComponent(webhooks[0]?.event.id ?? '')}/retry`, {});
  await expect.poll(() => receiver.events.length).toBe(2);
  receiver.status = 204;
  await expect.poll(() => receiver.events.length).toBe(3);
  await ask('/v1/clear', { service: 'broken' });
  expect(await ask('/v1/audit')).toMatchObject({ entries: { length: 10 } });
}
