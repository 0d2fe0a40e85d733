import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { relayConfig } from '../src/index.ts';
import { instanceOf, RelayWorld } from './relay-world.ts';

test('each change reaches every interested edge once and no other', async () => {
  await using world = await RelayWorld.create();
  const { metrics } = await world.relay();
  const [ann, bob, eve] = await Promise.all([world.edge('ann'), world.edge('bob'), world.edge('eve')]);
  await world.want('ann', 'db', 'end');
  await world.want('bob', 'db', 'end');
  await world.want('eve', 'end');
  await world.begin('db');
  await world.queue('db');
  // The last change concerns all: whoever heard it has heard what went before, or never will.
  await world.begin('end');
  await Promise.all([ann, bob, eve].map((ear) => ear.until((entry) => entry.record.service === 'end')));
  await Promise.all([ann, bob].map((ear) => ear.until((entry) => entry.record.state === 'queued')));
  for (const ear of [ann, bob])
    expect(ear.heard.map((entry) => `${entry.record.service} ${entry.change}`).toSorted()).toEqual([
      'db queued',
      'db wanted',
      'end wanted',
    ]);
  expect(eve.heard.map((entry) => entry.record.service)).toEqual(['end']);
  await expect.poll(async () => (await metrics.metricsText()).body).toMatch(/^reveille_journal_published\w* 7$/m);
});

test('a change that no edge waits for is published to nobody and still in its timeline', async () => {
  await using world = await RelayWorld.create();
  const { metrics } = await world.relay();
  await world.begin('db');
  await world.queue('db');
  const [reading] = await world.broker.ledger.read([instanceOf('db')]);
  const generation = reading?.record?.generation ?? 0;
  await expect
    .poll(async () =>
      (await world.broker.timelines.read(instanceOf('db'), generation)).entries.map((entry) => entry.change),
    )
    .toEqual(['wanted', 'queued']);
  expect((await metrics.metricsText()).body).not.toMatch(/^reveille_journal_published\w* [1-9]/m);
});

test('several relays share the journal: each change is heard once', async () => {
  await using world = await RelayWorld.create();
  await Promise.all([world.relay(), world.relay(), world.relay()]);
  const ear = await world.edge('ann');
  const services = Array.from({ length: 30 }, (_, index) => `s${index}`);
  await world.want('ann', ...services);
  await Promise.all(services.map((service) => world.begin(service)));
  await Promise.all(services.map((service) => ear.until((entry) => entry.record.service === service)));
  expect(ear.heard).toHaveLength(services.length);
});

test('changes that were trimmed before a relay read them are counted, and every edge that lives reads its plans again', async () => {
  await using world = await RelayWorld.create();
  const ear = await world.edge('ann');
  await world.broker.members.announce({ id: 'ann', kind: 'edge', startedAt: Date.now() }, 60_000);
  await world.begin('db');
  await world.trim();
  const { metrics } = await world.relay();
  await expect.poll(() => ear.gaps).toEqual(['trimmed']);
  expect((await metrics.metricsText()).body).toMatch(/^reveille_journal_trimmed_total\{state="unread"\} 1$/m);
  await world.want('ann', 'end');
  await world.begin('end');
  await ear.until((entry) => entry.record.service === 'end');
});

test('killed between reading and acknowledging: another relay brings it to the edge', async () => {
  await using world = await RelayWorld.create();
  const script = fileURLToPath(new URL('./stuck-relay.ts', import.meta.url));
  const stuck = spawn(process.execPath, ['--conditions=@reveille/source', script, world.url, world.namespace], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(stuck, 'exit');
  try {
    const lines = createInterface({ input: stuck.stdout })[Symbol.asyncIterator]();
    expect(await lines.next()).toMatchObject({ value: 'reading' });
    const ear = await world.edge('ann');
    await world.want('ann', 'db');
    await world.begin('db');
    expect(await lines.next()).toMatchObject({ value: 'read 1' });
    stuck.kill('SIGKILL');
    await exited;
    expect(ear.heard).toEqual([]);
    await world.relay();
    await ear.until((entry) => entry.record.service === 'db');
    expect(ear.heard).toHaveLength(1);
  } finally {
    stuck.kill('SIGKILL');
    await exited;
  }
});

test('all faults of the configuration are told at once', () => {
  const read = () =>
    relayConfig({ REDIS_URL: 'http://x', REVEILLE_NAMESPACE: 'NOT OK', REVEILLE_HEALTH_PORT: '70000' });
  expect(read).toThrow(expect.objectContaining({ exitCode: 2 }));
  for (const name of ['REDIS_URL', 'REVEILLE_NAMESPACE', 'REVEILLE_HEALTH_PORT'])
    expect(read).toThrow(expect.objectContaining({ report: expect.stringContaining(name) }));
});
