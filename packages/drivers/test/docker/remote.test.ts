import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { CatalogInput } from '@reveille/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, test, vi } from 'vitest';
import { createDockerDriver, type DockerDriverOptions, unsupported } from '../../src/index.ts';
import { engineStub } from '../support/engine-stub.ts';
import { requestOf } from '../support/start-request.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { context, never, quiet } from '../support/test-driver.ts';
import { waitFor } from '../support/wait-for.ts';

type Docker = NonNullable<CatalogInput['services'][string]['start']['docker']>;

const driverOf = (env: NodeJS.ProcessEnv, more: Partial<DockerDriverOptions> = {}) =>
  createDockerDriver({ namespace: randomUUID(), logger: quiet, env, ...more });
const asking = (more: Partial<Docker> = {}, rest: Parameters<typeof requestOf>[1] = {}) =>
  requestOf({ docker: { image: 'some:1', ...more } }, rest);
const bridge = { Networks: { bridge: { IPAddress: '172.17.0.7' } } };
const run = promisify(execFile);

/** `ca.pem`, `cert.pem` and `key.pem` in a folder, as DOCKER_CERT_PATH has them, for both sides. */
async function certificates(folder: string) {
  await mkdir(folder);
  const at = (name: string) => path.join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const make = (...args: string[]) => run('openssl', args);
  await writeFile(at('ext'), 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n');
  await make('req', '-x509', ...key, '-days', '1', '-subj', '/CN=ca', '-keyout', at('ca.key'), '-out', at('ca.pem'));
  await make('req', '-new', ...key, '-subj', '/CN=engine', '-keyout', at('key.pem'), '-out', at('csr'));
  const signing = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('ext')];
  await make('x509', '-req', '-in', at('csr'), '-days', '1', ...signing, '-out', at('cert.pem'));
  const [ca, cert, secret] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFile(at(name))));
  return { ca, cert, key: secret };
}

test('a container that used more memory than its limit says so when it ends', async () => {
  await using engine = await engineStub({ network: bridge });
  await using driver = driverOf({ DOCKER_HOST: engine.address });
  const running = await driver.start(asking(), context());
  engine.end({ ExitCode: 137, OOMKilled: true });
  await expect(waitFor(running, { tcp: {} })).rejects.toMatchObject({
    exitCode: 137,
    message: expect.stringMatching(/^the process ended with exit code 137 before .* using more memory than its limit$/),
  });
});

test('a container has all its networks before it is started, also one whose start was cut off between them', async () => {
  const leave = new AbortController();
  let asked = 0;
  await using engine = await engineStub({
    network: bridge,
    connects() {
      if ((asked += 1) !== 2) return true;
      leave.abort(new Error('the claim is lost'));
      return false;
    },
  });
  await using driver = driverOf({ DOCKER_HOST: engine.address });
  const request = asking({ networks: ['bridge', 'second', 'third'] });
  const cut = driver.start(request, { ...context(), signal: leave.signal });
  await expect(cut).rejects.toMatchObject({ code: 'cancelled' });
  await driver.start(request, context());
  const [container] = engine.containers.values();
  expect(container?.isRunning).toBe(true);
  expect(container?.networks).toEqual(['second', 'third']);
  expect(engine.created).toHaveLength(1);
});

test('an Engine that is restarted says nothing of its containers meanwhile: they are followed on, and their end is noticed', async () => {
  await using engine = await engineStub({ network: bridge });
  await using driver = driverOf({ DOCKER_HOST: engine.address });
  const running = await driver.start(asking(), context());
  const ended = vi.fn();
  void running.exited.then(ended);
  for (let restart = 0; restart < 2; restart += 1) {
    await engine.away();
    await expect(driver.list(never())).rejects.toMatchObject({ code: 'driver_error' });
    // Longer than the pause between two questions.
    await sleep(600);
    await engine.back();
    expect(await driver.list(never())).toHaveLength(1);
  }
  expect(ended).not.toHaveBeenCalled();
  engine.end({ ExitCode: 3 });
  expect(await running.exited).toMatchObject({ code: 3 });
});

describe('an Engine elsewhere, over TLS', () => {
  it('knows this client by its certificate, and this client knows it', async () => {
    await using folder = await tempFolder();
    const ours = path.join(folder.path, 'ours');
    const tls = { ...(await certificates(ours)), requestCert: true, rejectUnauthorized: true };
    const theirs = path.join(folder.path, 'theirs');
    await certificates(theirs);
    await using engine = await engineStub({ tls, network: bridge });
    const at = (DOCKER_CERT_PATH: string) =>
      driverOf({ DOCKER_HOST: engine.address, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH });

    await using driver = at(ours);
    const running = await driver.start(asking(), context());
    expect(running.endpoint?.url).toBe('http://172.17.0.7:8080');
    expect(await driver.list(never())).toHaveLength(1);
    expect(await driver.stop(asking(), { graceMs: 100, signal: never() })).toEqual({ stopped: true });

    await using stranger = at(theirs);
    await expect(stranger.start(asking(), context())).rejects.toMatchObject({
      code: 'driver_error',
      message: `the Docker Engine at ${engine.address} cannot be reached: its certificate is not one of the authority in ca.pem`,
    });
    // Whose authority is right and whose own certificate is not.
    for (const file of ['cert.pem', 'key.pem'])
      await writeFile(path.join(ours, file), await readFile(path.join(theirs, file)));
    await using unknown = at(ours);
    await expect(unknown.start(asking(), context())).rejects.toMatchObject({
      code: 'driver_error',
      message: expect.stringMatching(/cannot be reached: .*not accept the certificate of this client/),
    });
    await using lost = at(path.join(folder.path, 'nowhere'));
    await expect(lost.start(asking(), context())).rejects.toThrow(
      'the certificates of DOCKER_CERT_PATH cannot be read',
    );
  });

  it('that speaks no TLS, and one that speaks nothing else, are told as such', async () => {
    await using folder = await tempFolder();
    const certs = path.join(folder.path, 'certs');
    const tls = await certificates(certs);
    await using plain = await engineStub({});
    await using driver = driverOf({
      DOCKER_HOST: plain.address,
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: certs,
    });
    await expect(driver.start(asking(), context())).rejects.toThrow('it does not speak TLS (DOCKER_TLS_VERIFY is set)');
    await using secured = await engineStub({ tls });
    await using naive = driverOf({ DOCKER_HOST: secured.address });
    await expect(naive.start(asking(), context())).rejects.toMatchObject({ code: 'driver_error' });
  });
});

describe('a published port', () => {
  const published = { ...bridge, Ports: { '8080/tcp': [{ HostIp: '0.0.0.0', HostPort: '49153' }] } };

  it('is where the service is reached, on the host of the Engine', async () => {
    await using engine = await engineStub({ network: published });
    await using driver = driverOf({ DOCKER_HOST: engine.address });
    const asked = asking({ publish: true }, { endpoint: { path: '/api' } });
    expect((await driver.start(asked, context())).endpoint?.url).toBe('http://127.0.0.1:49153/api');
    expect(engine.created[0]).toMatchObject({
      ExposedPorts: { '8080/tcp': {} },
      HostConfig: { PortBindings: { '8080/tcp': [{ HostPort: '' }] } },
    });
    await using another = driverOf({ DOCKER_HOST: engine.address }, { namespace: labelOf(engine.created[0]) });
    expect((await another.adopt(asked, context()))?.endpoint?.url).toBe('http://127.0.0.1:49153/api');
  });

  it('may be a fixed one; that it is taken is told in words, and nothing is left behind', async () => {
    const refuseStart = 'Bind for 0.0.0.0:5433 failed: port is already allocated';
    await using engine = await engineStub({ refuseStart });
    await using driver = driverOf({ DOCKER_HOST: engine.address });
    await expect(driver.start(asking({ publish: 5433 }), context())).rejects.toMatchObject({
      code: 'port_in_use',
      message: `port 5433 of the Engine's host, for subject, is taken: ${refuseStart}`,
    });
    expect(engine.created[0]).toMatchObject({
      HostConfig: { PortBindings: { '8080/tcp': [{ HostPort: '5433' }] } },
    });
    expect(engine.containers.size).toBe(0);
  });

  it('that the Engine does not show is a failure and no guess; so is a port that is not known beforehand', async () => {
    await using engine = await engineStub({ network: { ...bridge, Ports: { '8080/tcp': null } } });
    await using driver = driverOf({ DOCKER_HOST: engine.address });
    await expect(driver.start(asking({ publish: true }), context())).rejects.toThrow('port 8080 is not published');
    const reported = asking({ publish: true }, { endpoint: { port: 'reported' }, ready: { reported: true } });
    expect(unsupported(reported.spec)).toContain('publish needs a port');
  });
});

it('volumes are names, absolute folders, or folders relative to that of the catalog', async () => {
  await using engine = await engineStub({ network: bridge });
  await using driver = driverOf({ DOCKER_HOST: engine.address });
  const volumes = ['data:/data', '/srv/{scopeKey}:/srv:ro', './seed:/seed', '../shared:/shared'];
  await driver.start(asking({ volumes }, { catalogDir: '/product/catalog' }), context());
  expect(engine.created[0]).toMatchObject({
    HostConfig: {
      Binds: ['data:/data', '/srv/global:/srv:ro', '/product/catalog/seed:/seed', '/product/shared:/shared'],
    },
  });
});

it('two deployments on one Engine have a run of the same name each, and leave that of the other alone', async () => {
  await using engine = await engineStub({ network: bridge });
  const at = (namespace: string) => driverOf({ DOCKER_HOST: engine.address }, { namespace });
  await using usual = at('reveille');
  await using other = at('dev-1');
  for (const driver of [usual, other]) await driver.start(asking(), context());
  const { name } = asking();
  expect([...engine.containers.keys()]).toEqual([name, `dev-1.${name}`]);
  expect(await usual.stop(asking(), { graceMs: 100, signal: never() })).toEqual({ stopped: true });
  expect([...engine.containers.keys()]).toEqual([`dev-1.${name}`]);
});

function labelOf(body: Record<string, unknown> | undefined): string {
  const labels = body?.['Labels'] as Record<string, string> | undefined;
  return labels?.['io.reveille.namespace'] ?? '';
}
