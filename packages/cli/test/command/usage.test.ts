import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, inject, it } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { tinyProduct } from '../support/tiny-product.ts';

describe('wrong command lines end with 2 and say what was meant', () => {
  it.each([
    [['conect', 'chat'], /unknown command 'conect'\n\(Did you mean connect\?\)/],
    [['connect', 'chat', '--sned', 'x'], /unknown option '--sned'\n\(Did you mean --send\?\)/],
    [['connect'], /missing required argument 'entrypoint'/],
    [['connect', 'chat', '--data', '{'], /It is not JSON/],
    [['connect', 'chat', '--data', '1', '--send', 'x'], /cannot be used with/],
    [['connect', 'chat', '--url', 'ftp://x'], /begins with http:\/\//],
    [['connect', 'chat', '--timeout', 'soon'], /A duration is/],
    [['connect', 'chat', '--progress', 'loud'], /Allowed choices are auto, tty, plain, json/],
    [['dev', '--port', '70000'], /A port is a number from 0 to 65535/],
  ])('%j', async (args, words) => {
    const { code, out, err } = await runCli(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^reveille: /);
    expect(err).toMatch(words);
  });

  it.each(['dev', 'connect', 'validate', 'status', 'watch', 'doctor'])('%s --help has an example', async (command) => {
    const { code, out } = await runCli([command, '--help']);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/Examples?:\n +\$ reveille/) });
  });

  it('prints its version', async () => {
    expect(await runCli(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});

describe('connect without anybody to connect to', () => {
  it('says how to start one, exit 3', async () => {
    const port = await closedPort();
    const { code, err } = await runCli(['connect', 'chat', '--url', `http://127.0.0.1:${port}`, '--send', 'x']);
    expect({ code, err }).toEqual({
      code: 3,
      err: expect.stringMatching(/Nobody answers at .*\nStart it with `npm start`/),
    });
  });

  it('tells every wrong file before it connects, exit 2', async () => {
    await using folder = await TempFolder.create({ 'image.png': '\u0000' });
    const bytes = await folder.write('bytes.bin', '');
    const { writeFile, truncate } = await import('node:fs/promises');
    await writeFile(bytes, Buffer.from([0xff, 0xfe, 0x00]));
    await truncate(await folder.write('huge.csv', ''), 200_000_000);
    const files = ['missing.csv', '.', 'bytes.bin', 'huge.csv'].flatMap((name) => ['--file', name]);
    const { code, err } = await runCli(['connect', 'chat', '--send', 'x', ...files], { cwd: folder.path });
    expect(code).toBe(2);
    expect(err).toMatch(/missing\.csv: there is no such file/);
    expect(err).toMatch(/\n\.: it is (not a file|a folder)/);
    expect(err).toMatch(/bytes\.bin: it is not text in UTF-8/);
    expect(err).toMatch(/huge\.csv: it has 200000000 bytes; a message may have at most 134217728/);
  });
});

describe('validate', () => {
  it('refuses what no driver of this version can start, with the line, exit 2', async () => {
    await using folder = await TempFolder.create({
      'reveille.yaml': `version: 1
services:
  database:
    start: { docker: { image: 'postgres:17', resources: { memory: much } } }
    ready: { exec: { command: [pg_isready] } }
  cache:
    start: { docker: { image: 'valkey:8', resources: { memory: much } } }
entrypoints: {}
`,
    });
    const { code, out, err } = await runCli(['validate'], { cwd: folder.path });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('reveille.yaml was refused: 2 faults\n');
    expect(err).toMatch(/reveille.yaml:4:\d+ services.database.start: this version has no exec probe in a container/);
    expect(err).toMatch(/reveille.yaml:7:\d+ services.cache.start: resources.memory is "much"; an amount/);
  });

  it('prints every fault with its line, exit 2', async () => {
    await using folder = await TempFolder.create({
      'reveille.yaml': `version: 1
services:
  a: { start: { process: { comand: [x] } } }
  b: { start: { process: { command: [x] } }, dependsOn: [nothing] }
  c: { start: { process: { command: [x] } }, dependsOn: [c] }
entrypoints:
  chat: { service: nobody }
`,
    });
    const { code, out, err } = await runCli(['validate'], { cwd: folder.path });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/reveille\.yaml:3:\d+ services\.a\.start\.process\.comand: .*did you mean "command"/);
    expect(err).toMatch(/reveille\.yaml:4:\d+ services\.b\.dependsOn/);
    expect(err).toMatch(/reveille\.yaml:5:\d+ services\.c\.dependsOn/);
    expect(err).toMatch(/reveille\.yaml:7:\d+ entrypoints\.chat\.service/);
    const asJson = await runCli(['validate', '--json'], { cwd: folder.path });
    expect({ code: asJson.code, faults: JSON.parse(asJson.out).faults.length }).toEqual({ code: 2, faults: 4 });
  });

  it('shows the plan of an entrypoint, and says that there is no history', async () => {
    await using folder = await tinyProduct();
    const { code, out } = await runCli(['validate', '--plan', 'talk'], { cwd: folder.path });
    expect(code).toBe(0);
    expect(out).toMatch(/0 +base +global +– +–\n1 +loud +global +base +–/);
    expect(out).toMatch(/There is no history of starts/);
  });

  it('suggests the entrypoint that was meant, exit 2', async () => {
    await using folder = await tinyProduct();
    const { code, err } = await runCli(['validate', '--plan', 'tolk'], { cwd: folder.path });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('Did you mean talk?') });
  });
});

describe('dev that cannot start', () => {
  it('prints the faults of the catalog, exit 2', async () => {
    await using folder = await TempFolder.create({ 'reveille.yaml': 'version: 2\n' });
    const { code, err } = await runCli(['dev', '--port', '0'], { cwd: folder.path });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/^reveille: .*reveille\.yaml was refused/) });
  });

  it('says which programs would do when there is no Redis, exit 2', async () => {
    await using folder = await tinyProduct();
    const { code, err } = await runCli(['dev', '--port', '0'], { cwd: folder.path, env: { PATH: folder.path } });
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringMatching(/no redis-server or valkey-server[^]*apt-get install/),
    });
  });

  it('says that the Redis of REDIS_URL is away, exit 2', async () => {
    await using folder = await tinyProduct();
    const env = { REDIS_URL: `redis://127.0.0.1:${await closedPort()}` };
    const { code, err } = await runCli(['dev', '--port', '0'], { cwd: folder.path, env });
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringMatching(/the Redis of REDIS_URL \(or --redis\) cannot be used:\n.+/),
    });
  });

  it('refuses to be open to everybody, exit 2', async () => {
    await using folder = await tinyProduct();
    const args = ['dev', '--port', '0', '--host', '0.0.0.0'];
    const { code, err } = await runCli(args, { cwd: folder.path, env: { REDIS_URL: inject('redisUrl') } });
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringMatching(/HOST +found "0\.0\.0\.0"; expected a loopback address/),
    });
  });
});

describe('status', () => {
  it('says that there is no Redis to read from, exit 2', async () => {
    await using folder = await TempFolder.create();
    const { code, err } = await runCli(['status'], { cwd: folder.path });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('no Redis to read from') });
  });

  it('ends with 3 when Redis is away', async () => {
    const { code } = await runCli(['status', '--redis', `redis://127.0.0.1:${await closedPort()}`]);
    expect(code).toBe(3);
  });

  it('reads an empty ledger', async () => {
    const env = { REVEILLE_NAMESPACE: 'cli-empty', REDIS_URL: inject('redisUrl') };
    const { code, out } = await runCli(['status'], { env });
    expect({ code, out }).toEqual({
      code: 0,
      out: 'Alive: no edge, no initializer, no relay.\nNo instance has been started yet.\n',
    });
  });
});

describe('doctor', () => {
  it('finds a machine in order', async () => {
    await using folder = await tinyProduct();
    const { code, out } = await runCli(['doctor'], { cwd: folder.path });
    expect(code).toBe(0);
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => line.slice(0, 1)),
    ).toEqual(['✔', '✔', '✔', '✔', '✔']);
  });

  it('says all that has to be mended at once; exit 3, since Redis is unreachable', async () => {
    await using folder = await TempFolder.create();
    const env = { REDIS_URL: `redis://127.0.0.1:${await closedPort()}`, REVEILLE_AUTH: 'jwt' };
    const { code, out } = await runCli(['doctor', '--json'], { cwd: folder.path, env });
    const wrong = JSON.parse(out)
      .findings.filter(({ level }: { level: string }) => level === 'fault')
      .map(({ what }: { what: string }) => what);
    expect({ code, wrong }).toEqual({ code: 3, wrong: ['Redis', 'Catalog', 'Settings'] });
  });
});

/** A port of this machine on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
