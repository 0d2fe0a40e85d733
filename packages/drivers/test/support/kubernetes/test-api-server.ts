import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { KubeObject } from '../../../src/kubernetes/kube-object.ts';
import { encoded, isSelected, merged, refuse, send, textOf } from './api-answers.ts';
import { ObjectStore, type StoreEvent } from './object-store.ts';
import { TestControllers } from './test-controllers.ts';
import { follow } from './pod-log.ts';
import { TestNode } from './test-node.ts';

const kinds: Record<string, string> = {
  ...{
    configmaps: 'core',
    secrets: 'core',
    pods: 'core',
    events: 'core',
    services: 'core',
    persistentvolumeclaims: 'core',
  },
  ...{ deployments: 'apps', statefulsets: 'apps' },
};
const verbs: Record<string, string> = { GET: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

type Asked = {
  verb: string;
  resource: string;
  namespace: string;
  plural: string;
  name?: string;
  subresource?: string;
  query: URLSearchParams;
};

/** An API server for tests: what a driver asks for, with the conflicts, watches and refusals of the real one, and faults on demand. */
export class TestApiServer implements AsyncDisposable {
  readonly store = new ObjectStore();
  readonly node = new TestNode(this.store);
  readonly controllers = new TestControllers(this.store, this.node);
  /** All that was asked for, as `verb resource`. */
  readonly asked = new Set<string>();
  /** The same by namespace. */
  readonly askedIn = new Map<string, Set<string>>();
  /** `verb resource` that the asker may not do. */
  readonly forbidden = new Set<string>();
  /** Told of each, before it is answered. */
  onAsked: ((what: string) => void) | undefined;
  token = 'first';
  /** So many further calls are answered with 429. */
  busy = 0;
  /** So many further changes come upon a change by others. */
  conflicts = 0;
  /** Streams send a byte at a time. */
  isSlow = false;
  lists = 0;
  watched = 0;
  readonly #watches = new Set<ServerResponse>();
  readonly #server = http.createServer((request, response) => void this.#answer(request, response));
  #folder = '';
  #port = 0;

  static async start(): Promise<TestApiServer> {
    const made = new TestApiServer();
    made.#server.listen(0, '127.0.0.1');
    await new Promise((listening) => made.#server.once('listening', listening));
    made.#folder = await mkdtemp(path.join(tmpdir(), 'kubeconfig-'));
    await made.writeToken();
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo | null)?.port ?? this.#port}`;
  }

  /** The environment of a driver that uses this server, as a user with a token in a file. */
  get env(): NodeJS.ProcessEnv {
    return { KUBECONFIG: path.join(this.#folder, 'config') };
  }

  /** Ends all connections and takes no more: they are refused. */
  async goAway(): Promise<void> {
    this.#port = (this.#server.address() as AddressInfo).port;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** At the same address. */
  async comeBack(): Promise<void> {
    const listening = new Promise((resolve) => this.#server.once('listening', resolve));
    this.#server.listen(this.#port, '127.0.0.1');
    await listening;
  }

  /** The token in the kubeconfig becomes the one that is taken. */
  async writeToken(): Promise<void> {
    await writeFile(path.join(this.#folder, 'token'), this.token);
    const config = {
      ...{
        'current-context': 'test',
        contexts: [{ name: 'test', context: { cluster: 'c', user: 'u', namespace: 'home' } }],
      },
      ...{
        clusters: [{ name: 'c', cluster: { server: this.url } }],
        users: [{ name: 'u', user: { tokenFile: 'token' } }],
      },
    };
    await writeFile(path.join(this.#folder, 'config'), JSON.stringify(config));
  }

  /** Of the only pod. */
  podName(): string {
    return this.store.list('pods', 'home')[0]?.metadata.name ?? '';
  }

  /** Forgets what happened: a watch from before gets 410. */
  forget(): void {
    this.store.oldest = this.store.version + 1;
    this.store.version += 1;
    this.store.history = [];
  }

  /** Breaks them off, or ends them in good order. */
  endWatches(how: 'cut' | 'end'): void {
    for (const watch of this.#watches) {
      if (how === 'cut') watch.destroy();
      else watch.end();
    }
  }

  /** A word to each watch about the present version, as the real one says it once a minute. */
  bookmark(): void {
    for (const watch of this.#watches)
      this.#write(
        watch,
        JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: `${this.store.version}` } } }),
      );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
    await this.node[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const [, group, namespace, plural, name, subresource] =
      /^\/(api\/v1|apis\/apps\/v1)\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    if (request.headers.authorization !== `Bearer ${this.token}`) return refuse(response, 401, 'Unauthorized');
    if (this.busy > 0) {
      this.busy -= 1;
      response.setHeader('Retry-After', '0');
      return refuse(response, 429, 'the server has received too many requests and has asked us to try again later');
    }
    if (namespace === undefined || plural === undefined || kinds[plural] !== (group === 'api/v1' ? 'core' : 'apps'))
      return refuse(response, 404, 'the server could not find the requested resource');
    const isList = request.method === 'GET' && name === undefined;
    const verb = isList ? (url.searchParams.has('watch') ? 'watch' : 'list') : (verbs[request.method ?? ''] ?? '');
    const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
    this.asked.add(`${verb} ${resource}`);
    this.askedIn.set(namespace, (this.askedIn.get(namespace) ?? new Set()).add(`${verb} ${resource}`));
    this.onAsked?.(`${verb} ${resource}`);
    if (this.forbidden.has(`${verb} ${resource}`))
      return refuse(
        response,
        403,
        `${plural} is forbidden: User "system:serviceaccount:reveille:x" cannot ${verb} resource "${resource}" in API group "" in the namespace "${namespace}"`,
      );
    const text = await textOf(request);
    const asked = {
      verb,
      resource,
      namespace,
      plural,
      query: url.searchParams,
      ...(name && { name }),
      ...(subresource && { subresource }),
    };
    this.#do(asked, (text === '' ? {} : JSON.parse(text)) as KubeObject, response);
  }

  #do(asked: Asked, body: KubeObject, response: ServerResponse): void {
    const { verb, namespace, plural, name = '' } = asked;
    const { store } = this;
    const there = store.get(plural, namespace, name);
    if (name !== '' && there === undefined) return refuse(response, 404, `${plural} "${name}" not found`);
    switch (verb) {
      case 'list':
        if (plural === 'pods') this.lists += 1;
        return send(response, 200, {
          metadata: { resourceVersion: `${store.version}` },
          items: store.list(plural, namespace).filter((object) => isSelected(object, asked.query)),
        });
      case 'watch':
        return this.#watch(asked, response);
      case 'get':
        return asked.subresource === 'log' ? this.#log(asked, response) : send(response, 200, there);
      case 'create':
        if (store.get(plural, namespace, body.metadata.name))
          return refuse(response, 409, `${plural} "${body.metadata.name}" already exists`);
        return send(response, 201, store.create(plural, namespace, encoded(plural, body)));
      case 'update':
        return send(
          response,
          200,
          store.update(plural, namespace, name, () => encoded(plural, body)),
        );
      case 'patch': {
        const isStale =
          body.metadata.resourceVersion !== undefined &&
          body.metadata.resourceVersion !== there?.metadata.resourceVersion;
        if (isStale || this.conflicts > 0) {
          this.conflicts = Math.max(0, this.conflicts - 1);
          return refuse(
            response,
            409,
            `Operation cannot be fulfilled on ${plural} "${name}": the object has been modified`,
          );
        }
        return send(
          response,
          200,
          store.update(plural, namespace, name, (object) => merged(object, body) as KubeObject),
        );
      }
      default: {
        const { gracePeriodSeconds = 30 } = body as { gracePeriodSeconds?: number };
        if (plural === 'pods') this.node.deletePod(namespace, name, gracePeriodSeconds);
        else store.delete(plural, namespace, name);
        return send(response, 200, { metadata: {}, status: 'Success' });
      }
    }
  }

  #watch({ namespace, plural, query }: Asked, response: ServerResponse): void {
    const from = Number(query.get('resourceVersion'));
    if (from < this.store.oldest) {
      const object = {
        kind: 'Status',
        code: 410,
        reason: 'Expired',
        message: `too old resource version: ${from}`,
        metadata: {},
      };
      response.writeHead(200).end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
      return;
    }
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    const tell = (event: StoreEvent): void => {
      if (event.plural === plural && event.namespace === namespace && isSelected(event.object, query))
        this.#write(response, JSON.stringify({ type: event.type, object: event.object }));
    };
    for (const event of this.store.history) if (event.version > from) tell(event);
    const stop = this.store.onEvent(tell);
    this.#watches.add(response);
    this.watched += 1;
    response.once('close', () => {
      stop();
      this.#watches.delete(response);
    });
  }

  #log({ namespace, name, query }: Asked, response: ServerResponse): void {
    const log = this.node.logs.get(`${namespace}/${name}`);
    if (log === undefined) return refuse(response, 400, 'container is waiting to start: ContainerCreating');
    follow(log, response, query);
  }

  #write(response: ServerResponse, line: string): void {
    if (!this.isSlow) return void response.write(`${line}\n`);
    const text = Buffer.from(`${line}\n`);
    for (let at = 0; at < text.length; at += 7) response.write(text.subarray(at, at + 7));
  }
}
