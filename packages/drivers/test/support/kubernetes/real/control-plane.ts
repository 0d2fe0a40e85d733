import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../free-port.ts';
import { follow } from '../pod-log.ts';
import type { TestNode } from '../test-node.ts';
import { AdminClient } from './admin-client.ts';

/** Until the API server is ready, which takes seconds; milliseconds. */
const readyWithinMs = 150_000;

/** The tokens that the API server takes: of an administrator, and of the initializer, who may do what Roles give him. */
export const tokens = { admin: 'token-of-admin', initializer: 'token-of-initializer' } as const;
export const nodeName = 'node-1';

/**
 * A real kube-apiserver with its etcd, from the folder `KUBEBUILDER_ASSETS`. The node is one of the tests: the server asks it for the logs
 * of pods, as it asks a kubelet.
 */
export class ControlPlane implements AsyncDisposable {
  readonly #parts: AsyncDisposableStack;
  readonly admin: AdminClient;
  readonly url: string;
  readonly caFile: string;
  /** The nodes whose pods run, by the namespace of these. */
  readonly nodes = new Map<string, TestNode>();

  private constructor(of: { admin: AdminClient; url: string; caFile: string; parts: AsyncDisposableStack }) {
    [this.admin, this.url, this.caFile, this.#parts] = [of.admin, of.url, of.caFile, of.parts];
  }

  static async start(assets: string): Promise<ControlPlane> {
    await using parts = new AsyncDisposableStack();
    const dir = await mkdtemp(path.join(tmpdir(), 'control-plane-'));
    parts.defer(() => rm(dir, { recursive: true, force: true }));
    const [etcd, peer, secure] = [await freePort(), await freePort(), await freePort()];
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keyFile = path.join(dir, 'service-account.pem');
    await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const tokenFile = path.join(dir, 'tokens.csv');
    await writeFile(
      tokenFile,
      `${tokens.admin},admin,1,"system:masters"\n${tokens.initializer},initializer,2,"users"\n`,
    );
    const etcdUrl = `http://127.0.0.1:${etcd}`;
    run(parts, path.join(assets, 'etcd'), [
      ...['--data-dir', path.join(dir, 'etcd'), '--unsafe-no-fsync', '--log-level', 'error'],
      ...['--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
      ...['--listen-peer-urls', `http://127.0.0.1:${peer}`],
    ]);
    const certificates = path.join(dir, 'certificates');
    const server = run(parts, path.join(assets, 'kube-apiserver'), [
      ...[`--etcd-servers=${etcdUrl}`, '--bind-address=127.0.0.1', `--secure-port=${secure}`],
      ...[`--cert-dir=${certificates}`, `--token-auth-file=${tokenFile}`, '--authorization-mode=RBAC'],
      ...['--service-cluster-ip-range=10.0.0.0/24', '--service-account-issuer=https://test'],
      ...[`--service-account-key-file=${keyFile}`, `--service-account-signing-key-file=${keyFile}`],
      // Pods need no account of their own here, and no controller makes one.
      '--disable-admission-plugins=ServiceAccount',
    ]);
    const url = `https://127.0.0.1:${secure}`;
    const caFile = path.join(certificates, 'apiserver.crt');
    const admin = parts.use(await readyClient(url, caFile, server));
    const plane = new ControlPlane({ admin, url, caFile, parts: parts.move() });
    await plane.#addNode(path.join(certificates, 'apiserver.key'));
    return plane;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }

  async #addNode(keyFile: string): Promise<void> {
    const kubelet = https.createServer({ cert: readFileSync(this.caFile), key: readFileSync(keyFile) });
    kubelet.on('request', (request, response) => this.#log(request, response)).listen(0, '127.0.0.1');
    await once(kubelet, 'listening');
    this.#parts.defer(async () => {
      kubelet.closeAllConnections();
      await new Promise((closed) => kubelet.close(closed));
    });
    const { port: Port } = kubelet.address() as AddressInfo;
    await this.admin.call('POST', '/api/v1/nodes', { metadata: { name: nodeName } });
    await this.admin.patch(`/api/v1/nodes/${nodeName}/status`, {
      status: {
        addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
        daemonEndpoints: { kubeletEndpoint: { Port } },
      },
    });
  }

  /** `GET /containerLogs/<namespace>/<pod>/<container>`, as kubelets answer it. */
  #log(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const [, , namespace = '', pod = ''] = pathname.split('/');
    const log = this.nodes.get(namespace)?.logs.get(`${namespace}/${pod}`);
    if (log === undefined) return void response.writeHead(404).end();
    follow(log, response, searchParams);
  }
}

function run(parts: AsyncDisposableStack, program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const exited = once(child, 'exit');
  child.stderr.resume();
  parts.defer(async () => {
    process.off('exit', kill);
    child.kill('SIGTERM');
    await Promise.race([exited, pause(10_000).then(kill)]);
  });
  return child;
}

async function readyClient(url: string, caFile: string, server: ChildProcess): Promise<AdminClient> {
  const until = performance.now() + readyWithinMs;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`kube-apiserver ended with ${server.exitCode}`);
    if (performance.now() > until) throw new Error('kube-apiserver did not become ready');
    await pause(200);
    if (!existsSync(caFile)) continue;
    const admin = new AdminClient({ url, token: tokens.admin, caFile });
    const isReady = await admin.call('GET', '/readyz').then(
      () => true,
      () => false,
    );
    if (isReady) return admin;
    admin[Symbol.dispose]();
  }
}
