import { expect, test } from 'vitest';
import { RelayWorld } from '../relay-world.ts';
import { Operator } from './operator.ts';

test('without the token nothing is told and nothing done; what there is to ask is open', async () => {
  await using world = await RelayWorld.create();
  await using operator = await Operator.of(world);
  expect(operator.operations.length).toBeGreaterThan(15);
  const wrong = ['', 'Bearer', 'Bearer of-somebody-else', `Basic ${operator.token}`, `Bearer ${operator.token}x`];
  for (const { method, path } of operator.operations)
    for (const authorization of wrong) {
      const body = method === 'post' ? { body: '{"service":"db"}' } : {};
      const response = await operator.fetch(path, { method, headers: { authorization }, ...body });
      expect([path, response.status]).toEqual([path, 401]);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(await response.json()).toMatchObject({ error: { code: 'unauthorized' } });
    }
  expect(await world.broker.operations.pauses()).toEqual([]);
  expect(await world.broker.operations.audit(10)).toEqual([]);
});

test('what is asked wrongly is refused in words, and what is not there is not found', async () => {
  await using world = await RelayWorld.create();
  await using operator = await Operator.of(world);
  const wrong: [string, object, string][] = [
    ['/v1/start', {}, 'exactly one of entrypoint and service'],
    ['/v1/start', { service: 'db', entrypoint: 'chat' }, 'exactly one of entrypoint and service'],
    ['/v1/start', { service: 'db', forMs: 1 }, 'forMs'],
    ['/v1/stop', { instance: 'no such form' }, 'instance'],
    ['/v1/stop', { service: 'db', force: 'yes' }, 'force'],
    ['/v1/pause', { service: 'db', reason: 'x'.repeat(501) }, 'reason'],
    ['/v1/resume', {}, 'exactly one of service and entrypoint'],
  ];
  for (const [path, body, words] of wrong) {
    const { status, body: said } = await operator.post(path, body);
    expect([path, status]).toEqual([path, 400]);
    expect(JSON.stringify(said)).toContain(words);
  }
  expect(await operator.get('/v1/audit?limit=0')).toMatchObject({ status: 400 });
  expect(await operator.get('/v1/instances?state=happy')).toMatchObject({ status: 400 });
  for (const body of ['{', '"text"', JSON.stringify({ service: 'db', reason: 'x'.repeat(20_000) })]) {
    const response = await operator.fetch('/v1/pause', { method: 'POST', body });
    expect([body.slice(0, 9), response.status]).toEqual([body.slice(0, 9), 400]);
    expect(await response.json()).toMatchObject({ error: { code: 'bad_request' } });
  }
  const missing: [string, object | undefined][] = [
    ['/v1/instances/none~global', undefined],
    ['/v1/plan?entrypoint=chta', undefined],
    ['/v1/start', { service: 'dbb' }],
    ['/v1/stop', { instance: 'none~global' }],
    ['/v1/restart', { service: 'none' }],
    ['/v1/clear', { service: 'none' }],
    ['/v1/pause', { entrypoint: 'none' }],
    ['/v1/resume', { service: 'db' }],
    ['/v1/webhooks/dead/none/retry', {}],
  ];
  for (const [path, body] of missing) {
    const answer = body === undefined ? await operator.get(path) : await operator.post(path, body);
    expect([path, answer.status, answer.body.error?.code]).toEqual([path, 404, 'not_found']);
  }
  expect((await operator.get('/v1/plan?entrypoint=chta')).body.error?.message).toContain('Did you mean chat?');
  expect((await operator.fetch('/v1/nothing')).status).toBe(404);
  // Refused actions are written down as such; what could not be read as an action is not.
  const outcomes = (await world.broker.operations.audit(100)).map(({ action, outcome }) => `${action} ${outcome}`);
  expect(new Set(outcomes)).toEqual(
    new Set(['start', 'stop', 'restart', 'clear', 'pause', 'resume', 'retry_webhook'].map((one) => `${one} refused`)),
  );
});
