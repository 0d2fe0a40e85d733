import { createPrivateKey, randomBytes } from 'node:crypto';
import { on, once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '@reveille/client';
import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Cluster, runs } from '../../src/cluster.ts';
import { markedProcesses } from '../../src/marked-processes.ts';
import { startOtlpReceiver } from '../../src/otlp-receiver.ts';
import { leakyIssuer } from './leaky-issuer.ts';
import { watchedRedis } from './watched-redis.ts';

const catalogIn = (dir: string): string => `
version: 1
services:
  store: { start: { ${runs('store')} }, ready: { reported: true } }
  broken:
    secrets: { database: { env: TEST_DATABASE_PASSWORD }, model: { file: model-key } }
    start:
      process:
        command: [node, --eval, 'console.log(process.env.STORE, process.env.MODEL); process.exit(3)']
        env: { STORE: 'pg:{secrets.database}@db', MODEL: '{secrets.model}' }
    retry: { attempts: 1 }
    cooldownMs: 100
  scribe: { scope: tenant, start: { ${runs('scribe', join(dir, 'scribe.jsonl'))} } }
  echo: { scope: tenant, dependsOn: [store], start: { ${runs('echo')} } }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } }, deadlineMs: 60000 }
  desk: { service: scribe, upstream: { websocket: { path: /session } }, provenance: endpoint, deadlineMs: 60000 }
`;

const planted = (): string => `planted${randomBytes(24).toString('hex')}`;

test('no secret stands in a log line, a span, a job or anywhere in Redis', async () => {
  await using collector = await startOtlpReceiver();
  const passwords = { main: planted(), sessions: planted(), wrong: planted() };
  await using main = await watchedRedis('reveille', passwords.main);
  await using kept = await watchedRedis('reveille', passwords.sessions);
  const redisUrl = `redis://reveille:${passwords.main}@127.0.0.1:${main.port}`;
  const keySet = planted();
  await using issuer = await leakyIssuer(keySet);
  const settings = {
    REVEILLE_JWT_SECRET: planted(),
    REVEILLE_ROOT_SECRET: planted(),
    REVEILLE_EDGE_SIGNING_KEY: randomBytes(32).toString('base64url'),
    REVEILLE_SESSIONS_REDIS_PASSWORD: passwords.sessions,
  };
  const pem = pemOf(settings.REVEILLE_EDGE_SIGNING_KEY);
  const operating = { REVEILLE_ADMIN_TOKEN: planted(), REVEILLE_WEBHOOK_SECRET: planted() };
  const address = planted();
  const referred = { database: planted(), model: planted() };
  const secrets = new Map<string, string>([
    ...Object.entries({ ...settings, ...operating }),
    ['address', address],
    ...Object.entries(referred),
    ...Object.entries(passwords).map(([name, password]) => [`password of Redis, ${name}`, password] as const),
    ['signing key in a PEM', pem.split(String.raw`\n`)[1] ?? ''],
    ['signing key in hexadecimal', Buffer.from(settings.REVEILLE_EDGE_SIGNING_KEY, 'base64url').toString('hex')],
    ['private key in a JWKS', issuer.privateKey],
    ['address of a JWKS', keySet],
  ]);
  const said = { first: planted(), malformed: planted(), refused: planted() };
  const logs: string[] = [];
  const written = async (dir: string): Promise<string> => {
    await writeFile(join(dir, 'model-key'), `${referred.model}\n`);
    return catalogIn(dir);
  };
  {
    const env = {
      ...settings,
      REVEILLE_AUTH: 'jwt',
      REVEILLE_SESSIONS_REDIS_URL: `redis://127.0.0.1:${kept.port}`,
      REVEILLE_SESSIONS_REDIS_USERNAME: 'reveille',
      TEST_DATABASE_PASSWORD: referred.database,
      LOG_LEVEL: 'trace',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      // Nobody is there to take webhooks: each try fails, and is logged.
      ...{ ...operating, REVEILLE_ADMIN_PORT: '0', REVEILLE_WEBHOOK_URL: `http://127.0.0.1:9/${address}` },
    };
    await using cluster = await Cluster.start({ redisUrl, catalog: written, env });
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
    // A token that is renewed by a good one, then by one that is not; and what the edge vouches for it with at the service.
    const [renewed, unrenewed] = [await tokenOf(settings.REVEILLE_JWT_SECRET, ['admin']), await tokenOf(planted())];
    secrets.set('token of a refresh', renewed).set('refused token of a refresh', unrenewed);
    await talkAtDesk(url, token, renewed, unrenewed);
    const assertions = await assertionsIn(join(cluster.dir, 'scribe.jsonl'));
    expect(assertions.length).toBeGreaterThan(1);
    for (const [index, assertion] of assertions.entries()) {
      secrets.set(`assertion ${index}`, assertion);
      secrets.set(`signature of assertion ${index}`, assertion.split('.')[2] ?? '');
    }
    // Connections that are lost, a password that is wrong, and an issuer that gives its private key, then nothing.
    await Promise.all([main.cut(), kept.cut()]);
    await cluster.add('relay', { REDIS_URL: redisUrl.replace(passwords.main, passwords.wrong) }).exited;
    const other = { REVEILLE_JWT_SECRET: '', REVEILLE_JWKS_URL: issuer.url, REVEILLE_EDGE_SIGNING_KEY: pem };
    for (const kid of ['one', 'two']) {
      const ofIssuer = await issuer.tokenOf(kid);
      secrets.set(`token of key ${kid}`, ofIssuer);
      await refused(await cluster.add('edge', other).url(), {}, hello({ token: ofIssuer }));
    }
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

  const commands = [...main.commands, ...kept.commands];
  expect(secrets.size).toBeGreaterThan(24);
  expect(logs.length).toBeGreaterThan(10);
  for (const line of ['the token issuer gives no keys', 'Redis does not accept the user or password'])
    expect([line, logs.some((text) => text.includes(line))]).toEqual([line, true]);
  expect(collector.texts.length).toBeGreaterThan(0);
  expect(commands.some((command) => command.includes('pg:[redacted]@db [redacted]'))).toBe(true);
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
  expect(kept.commands.some((command) => command.includes(said.first))).toBe(true);
}, 90_000);

function tokenOf(secret: string, roles: string[] = []): Promise<string> {
  const claims = new SignJWT({ tenant: 'acme', roles }).setProtectedHeader({ alg: 'HS256' }).setSubject('ada');
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

/** A session whose token is renewed, by one that is refused too, and who is answered under the new one. */
async function talkAtDesk(url: string, token: string, renewed: string, unrenewed: string): Promise<void> {
  const socket = new WebSocket(`${url}/v1/connect/desk`, ['reveille.v1']);
  const frames = on(socket, 'message');
  const next = async (type: string): Promise<{ code?: string }> => {
    for (;;) {
      const { value } = (await frames.next()) as { value: [Buffer] };
      const frame = JSON.parse(String(value[0])) as { type: string; code?: string };
      if (frame.type === type) return frame;
    }
  };
  const say = (frame: object): void => socket.send(JSON.stringify(frame));
  await once(socket, 'open');
  socket.send(hello({ token }));
  say({ type: 'send', id: 'm1', data: 'before' });
  await next('message');
  say({ type: 'refresh', token: renewed });
  // It has no ear for another one until that is judged.
  do say({ type: 'refresh', token: unrenewed });
  while ((await next('error')).code === 'rate_limited');
  say({ type: 'send', id: 'm2', data: 'after' });
  await next('message');
  socket.close(1000);
  await once(socket, 'close');
}

/** What edges vouched with, as the service wrote it down. */
async function assertionsIn(file: string): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  const said = lines.map((line) => JSON.parse(line) as { headers?: { authorization?: string } });
  return said.flatMap(({ headers }) => /^Bearer (.+)$/.exec(headers?.authorization ?? '')?.[1] ?? []);
}

/** The same key, with its line breaks written as in an environment. */
function pemOf(seed: string): string {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed, 'base64url')]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return String(key.export({ format: 'pem', type: 'pkcs8' }))
    .trim()
    .replaceAll('\n', String.raw`\n`);
}

async function environmentOf(pid: number): Promise<Record<string, string>> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8');
  return Object.fromEntries(
    text.split('\0').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}
