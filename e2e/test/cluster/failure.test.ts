import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerFrame, ServerFrameOf } from '@reveille/contracts';
import { describe, expect, inject, test } from 'vitest';
import { Cluster, runs } from '../../src/cluster.ts';

const catalog = (store: string, more = '') => `
version: 1
services:
  store: { name: Store, start: { ${store} }, ready: { reported: true }, retry: { attempts: 2, backoffMs: 10 }, cooldownMs: 1500 }
  echo: { name: Echo, scope: tenant, dependsOn: [store], start: { ${runs('echo')} } }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } } }${more}
`;
const pidOf = (message: ServerFrameOf<'message'> | undefined) => Number(Object(message?.data)['pid']);
const broken = 'process: { command: [node, -e, "console.error(\'no vault\'); process.exit(9)"] }';

describe('a service that cannot start', () => {
  test('every waiter gets the root cause once, held messages are rejected first, and retry works when it is mended', async () => {
    await using cluster = await Cluster.start({
      redisUrl: inject('redisUrl'),
      catalog: catalog(broken),
      size: { edge: 2 },
    });
    const clients = await Promise.all(['ann', 'bob'].map((user, edge) => cluster.connect(user, edge)));
    const frames = clients.map((client) => {
      const list: ServerFrame[] = [];
      client.on('*', (frame) => list.push(frame));
      return list;
    });
    const asked = clients.map((client) =>
      client.send({ text: 'hello' }).then(
        () => 'accepted',
        (error: { code: string }) => error.code,
      ),
    );
    await Promise.all(
      clients.map((client) =>
        expect(client.ready()).rejects.toMatchObject({
          failure: { code: 'exited_early', service: 'store', exitCode: 9 },
        }),
      ),
    );
    expect(await Promise.all(asked)).toEqual(['exited_early', 'exited_early']);
    for (const list of frames) {
      const failed = list.filter((frame) => frame.type === 'initialization_failed');
      expect(failed).toHaveLength(1);
      expect(failed[0]).toMatchObject({ retryable: true, failure: { name: 'Store' } });
      expect(failed[0]?.failure).not.toHaveProperty('logTail');
      const types = list.map((frame) => frame.type);
      expect(types.indexOf('rejected')).toBeLessThan(types.indexOf('initialization_failed'));
    }

    await writeFile(join(cluster.dir, 'reveille.yaml'), catalog(runs('store')));
    const reread = cluster.of('initializer')[0];
    await expect
      .poll(() => reread?.log.some((line) => line.msg.startsWith('the catalog was read again')), { timeout: 20_000 })
      .toBe(true);
    const [ann] = clients;
    await expect.poll(() => (ann?.retry(), ann?.state), { timeout: 20_000, interval: 200 }).toBe('ready');
    const [message] = await Array.fromAsync(ann?.ask({ text: 'again' }) ?? []);
    expect(message?.data).toMatchObject({ data: { text: 'again' }, store: 'store' });
  });

  test('a service killed in the middle of a session comes back with progress shown, on a higher generation', async () => {
    await using cluster = await Cluster.start({ redisUrl: inject('redisUrl'), catalog: catalog(runs('store')) });
    const client = await cluster.connect('ann');
    const [first] = await Array.fromAsync(client.ask({ text: 'one' }));
    const types: string[] = [];
    client.on('*', (frame) =>
      types.push(frame.type === 'initialization_started' ? `started: ${frame.reason}` : frame.type),
    );
    const again = new Promise((resolve) => client.on('initialization_completed', resolve));
    process.kill(pidOf(first), 'SIGKILL');
    await again;
    const [second] = await Array.fromAsync(client.ask({ text: 'two' }));
    expect(second?.origin.generation).toBeGreaterThan(first?.origin.generation ?? 0);
    expect(second?.seq).toBe(2);
    expect(types.slice(0, 2)).toEqual(['interrupted', 'started: lost']);
    expect(types).toContain('service_completed');
  });

  test('nothing of a cluster stays behind when it is stopped', async () => {
    let pid = 0;
    {
      await using cluster = await Cluster.start({ redisUrl: inject('redisUrl'), catalog: catalog(runs('store')) });
      const client = await cluster.connect('ann');
      const [message] = await Array.fromAsync(client.ask({ text: 'one' }));
      pid = pidOf(message);
      expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).toContain('echo');
    }
    expect(() => process.kill(pid, 0)).toThrow();
  });
});
