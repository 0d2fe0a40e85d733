import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from '@reveille/client';
import { Redis } from 'ioredis';
import { SignJWT } from 'jose';
import { expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { Cluster, runs } from '../../src/cluster.ts';
import { markedProcesses } from '../../src/marked-processes.ts';
import { startOtlpReceiver } from '../../src/otlp-receiver.ts';

const catalog = `
version: 1
services:
  store: { start: { ${runs('store')} }, ready: { reported: true } }
  broken: { start: { process: { command: [node, --eval, process.exit(3)] } }, retry: { attempts: 1 } }
  echo: { scope: tenant, dependsOn: [store], start: { ${runs('echo')} } }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } }, deadlineMs: 60000 }
`;

const planted = (): string => `planted${randomBytes(24).toString('hex')}`;

test('no secret stands in a log line, a span, a job or anywhere in Redis', async () => {
  await using collector = await startOtlpReceiver();
  const commands: string[] = [];
  const redis = new Redis(inject('redisUrl'));
  const monitor = await redis.monitor();
  monitor.on('monitor', (_time: string, args: string[]) => commands.push(args.join(' ')));
  const settings = {
    REVEILLE_JWT_SECRET: planted(),
    REVEILLE_ROOT_SECRET: planted(),
    REVEILLE_EDGE_SIGNING_KEY: randomBytes(32).toString('base64url'),
  };
  const operating = { REVEILLE_ADMIN_TOKEN: planted(), REVEILLE_WEBHOOK_SECRET: planted() };
  const address = planted();
  const secrets = new Map<string, string>([...Object.entries({ ...settings, ...operating }), ['address', address]]);
  const said = { first: planted(), malformed: planted(), refused: planted() };
  const logs: string[] = [];
  {
    const env = {
      ...settings,
      REVEILLE_AUTH: 'jwt',
      LOG_LEVEL: 'trace',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      // Nobody is there to take webhooks: each try fails, and is logged.
      ...{ ...operating, REVEILLE_ADMIN_PORT: '0', REVEILLE_WEBHOOK_URL: `http://127.0.0.1:9/${address}` },
    };
    await using cluster = await Cluster.start({ redisUrl: inject('redisUrl'), catalog, env });
    const token = await tokenOf(settings.REVEILLE_JWT_SECRET);
    const forged = await tokenOf(planted());
    const url = (await cluster.of('edge')[0]?.url()) ?? '';
    await using client = connect({ url, entrypoint: 'chat', token });
    const welcome = new Promise<string>((resolve) => client.on('welcome', ({ resumeKey }) => resolve(resumeKey)));
    const [answer] = await Array.fromAsync(client.ask({ text: said.first }));
    const pid = Number(Object(answer?.data)['pid']);
    for (const service of markedProcesses(cluster.namespace)) {
      const given = await environmentOf(service);
      for (const name of ['REVEILLE_INSTANCE_KEY', 'REVEILLE_REPORT_TOKEN'])
        secrets.set(`${name} of ${service}`, given[name] ?? '');
    }
    for (const [name, value] of [
      ['token', token],
      ['signature of the token', token.split('.')[2] ?? ''],
      ['forged token', forged],
      ['resume key', await welcome],
    ] as const)
      secrets.set(name, value);
    // What goes wrong is what gets logged.
    await refused(url, { authorization: `Bearer ${forged}` }, hello({}));
    await refused(url, {}, hello({ token: forged }));
    await refused(url, {}, hello({ token, resume: { session: '0'.repeat(32), key: said.refused, lastSeq: 0 } }), 'x');
    await refused(url, {}, `{"type":"send","token":"${said.malformed}`);
    const adminUrl = String((await cluster.of('relay')[0]?.running())?.['adminUrl']);
    for (const guess of [operating.REVEILLE_ADMIN_TOKEN, planted()]) {
      const headers = { authorization: `Bearer ${guess}`, 'content-type': 'application/json' };
      await fetch(`${adminUrl}/v1/start`, { method: 'POST', headers, body: '{"service":"broken"}' });
    }
    const relayLog = () => cluster.of('relay').flatMap(({ log }) => log.map(({ msg }) => msg));
    await expect.poll(relayLog).toContainEqual(expect.stringContaining('a webhook was not taken'));
    process.kill(pid, 'SIGKILL');
    await new Promise((resolve) => client.on('initialization_completed', resolve));
    for (const one of cluster.deployables) logs.push(...one.errors, ...one.log.map((line) => JSON.stringify(line)));
  }
  monitor.disconnect();
  redis.disconnect();

  expect(secrets.size).toBeGreaterThan(8);
  expect(logs.length).toBeGreaterThan(10);
  expect(collector.texts.length).toBeGreaterThan(0);
  for (const queue of [':reconcile:', ':webhook:'])
    expect([queue, commands.some((command) => command.includes(queue))]).toEqual([queue, true]);
  for (const [name, secret] of secrets) {
    expect(secret.length, name).toBeGreaterThan(16);
    for (const [where, texts] of [
      ['log', logs],
      ['spans', collector.texts],
      ['Redis', commands],
    ] as const)
      expect([name, where, texts.filter((text) => text.includes(secret))]).toEqual([name, where, []]);
  }
  // What users and services say is kept for those who come back, and told to nobody else.
  for (const text of Object.values(said))
    for (const texts of [logs, collector.texts]) expect(texts.filter((line) => line.includes(text))).toEqual([]);
  expect(commands.some((command) => command.includes(said.first))).toBe(true);
}, 90_000);

function tokenOf(secret: string): Promise<string> {
  const claims = new SignJWT({ tenant: 'acme' }).setProtectedHeader({ alg: 'HS256' }).setSubject('ada');
  return claims.setExpirationTime('5m').sign(Buffer.from(secret));
}

function hello(more: object): string {
  return JSON.stringify({ type: 'hello', client: { name: 'test', version: '1' }, ...more });
}

/** Resolves when the edge has closed the socket, after whatever is said last. */
async function refused(url: string, headers: Record<string, string>, ...says: string[]): Promise<void> {
  const socket = new WebSocket(`${url}/v1/connect/chat`, ['reveille.v1'], { headers });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.once('open', () => {
    for (const text of says) socket.send(text);
  });
  await closed;
}

async function environmentOf(pid: number): Promise<Record<string, string>> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8');
  return Object.fromEntries(
    text.split('\0').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}
