import type { InstanceKey, ServiceReport } from '@reveille/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Reports } from '../src/start/reports.ts';

const db = 'db~global' as InstanceKey;
let reports: Reports;
const heard: ServiceReport[] = [];

beforeEach(async () => {
  heard.length = 0;
  reports = new Reports('x'.repeat(32));
  await reports.listen(0, '127.0.0.1');
});
afterEach(() => reports[Symbol.asyncDispose]());

async function post(body: string, token = reports.token(db, 7), url = reports.url(db, 7)): Promise<number> {
  const response = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body });
  await response.text();
  return response.status;
}

test('a service is heard with the token of its own generation', async () => {
  using _ = reports.listenTo(db, 7, (report) => heard.push(report));
  expect(await post('{"phase":"opening","percent":5}')).toBe(204);
  expect(await post('{"ready":true}')).toBe(204);
  expect(heard).toEqual([{ phase: 'opening', percent: 5 }, { ready: true }]);
});

test('the token of another generation, instance or nobody is refused', async () => {
  using _ = reports.listenTo(db, 7, (report) => heard.push(report));
  for (const token of [reports.token(db, 8), reports.token('other~global' as InstanceKey, 7), '', 'x'])
    expect(await post('{"ready":true}', token)).toBe(401);
  expect(heard).toEqual([]);
});

test('what is no report is refused in words and heard by nobody', async () => {
  using _ = reports.listenTo(db, 7, (report) => heard.push(report));
  expect(await post('{"percent":400}')).toBe(422);
  expect(await post('not json')).toBe(400);
  expect(await post(JSON.stringify({ phase: 'x'.repeat(10_000) }))).toBe(400);
  expect(await post('{"ready":true}', undefined, reports.url(db, 7).replace('/report', ''))).toBe(404);
  expect(heard).toEqual([]);
});

test('a report that comes after the probe noticed is taken without being needed', async () => {
  expect(await post('{"ready":true}')).toBe(202);
});
