import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Health, Scope, healthHandler, startHealthServer, type HealthServerOptions } from '../../src/index.ts';

let scope = new Scope();
afterEach(async () => {
  await scope.dispose();
  scope = new Scope();
});

async function serve(options: Partial<HealthServerOptions> = {}): Promise<{ health: Health; base: string }> {
  const health = options.health ?? new Health();
  const server = scope.use(await startHealthServer({ port: 0, host: '127.0.0.1', ...options, health }));
  return { health, base: `http://127.0.0.1:${server.port}` };
}

describe('the health server', () => {
  test('says which checks fail and why, and is ready when none does', async () => {
    const { health, base } = await serve();
    let redis: boolean | string = 'connecting';
    health.add('redis', () => redis);
    health.add('catalog', () => false);
    health.add('broken', () => {
      throw new Error('no such thing');
    });
    const unready = await fetch(`${base}/readyz`);
    expect(unready.status).toBe(503);
    expect(await unready.json()).toEqual({
      status: 'unready',
      failing: [
        { name: 'redis', reason: 'connecting' },
        { name: 'catalog', reason: 'not ready' },
        { name: 'broken', reason: 'no such thing' },
      ],
    });

    const other = await serve();
    const check = other.health.add('redis', () => redis);
    redis = true;
    const ready = await fetch(`${other.base}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', failing: [] }]);
    redis = 'away';
    check[Symbol.dispose]();
    expect((await fetch(`${other.base}/readyz`)).status).toBe(200);
  });

  test('is alive but not ready while draining', async () => {
    const { health, base } = await serve();
    health.drain();
    const ready = await fetch(`${base}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'draining', failing: [] }]);
    expect((await fetch(`${base}/livez`)).status).toBe(200);
  });

  test('refuses a second check of the same name', () => {
    const health = new Health();
    health.add('redis', () => true);
    expect(() => health.add('redis', () => true)).toThrow('"redis" exists already');
  });

  test('serves the metrics page, its failure, and its absence', async () => {
    const page = await serve({ metrics: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' }) });
    const response = await fetch(`${page.base}/metrics`);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'text/plain; version=0.0.4',
      'up 1\n',
    ]);
    const broken = await serve({ metrics: () => Promise.reject(new Error('collector broke')) });
    const failed = await fetch(`${broken.base}/metrics`);
    expect([failed.status, await failed.json()]).toEqual([
      500,
      { status: 'metrics failed', reason: 'collector broke' },
    ]);
    const absent = await serve();
    expect((await fetch(`${absent.base}/metrics`)).status).toBe(404);
  });

  test('answers HEAD without a body, refuses other methods, and knows no other path', async () => {
    const { base } = await serve();
    const head = await fetch(`${base}/livez?verbose`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const post = await fetch(`${base}/readyz`, { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${base}/other`)).status).toBe(404);
  });

  test('says so when its port is taken', async () => {
    const { base } = await serve();
    const port = Number(new URL(base).port);
    await expect(startHealthServer({ port, host: '127.0.0.1', health: new Health() })).rejects.toThrow('EADDRINUSE');
  });

  test('closes in the middle of a request, and twice without harm', async () => {
    const asked = Promise.withResolvers<void>();
    const metrics = () => (asked.resolve(), new Promise<never>(() => undefined));
    const server = await startHealthServer({ port: 0, host: '127.0.0.1', health: new Health(), metrics });
    const base = `http://127.0.0.1:${server.port}`;
    const cut = expect(fetch(`${base}/metrics`)).rejects.toThrow();
    await asked.promise;
    await server[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await cut;
    await expect(fetch(`${base}/livez`)).rejects.toThrow();
  });
});

describe('the health handler', () => {
  test('takes its own paths on another server and leaves the rest', async () => {
    const handle = healthHandler({ health: new Health() });
    const server = createServer((request, response) => {
      if (!handle(request, response)) response.writeHead(418).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    scope.defer(() => (server.closeAllConnections(), server.close()));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
    expect((await fetch(`${base}/chat`)).status).toBe(418);
  });
});
