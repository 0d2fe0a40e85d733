import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

type End = { ExitCode: number; OOMKilled?: boolean };
type Container = {
  name: string;
  body: Record<string, unknown>;
  isRunning: boolean;
  /** Those that it was connected to after it had been made. */
  networks: string[];
  end?: End;
};

/**
 * As much of an Engine as a start, a look and a stop need, for what a real one on this host cannot show: TLS, an address elsewhere, a
 * taken port. What it runs does nothing.
 */
export async function engineStub(of: {
  tls?: https.ServerOptions;
  /** What `docker inspect` shows of the network of a container that runs. */
  network?: { Networks?: object; Ports?: object };
  /** Why a start is refused. */
  refuseStart?: string;
  /** Whether to connect a container to a further network; when not, nothing happens and nobody is answered. */
  connects?: () => boolean;
}) {
  const containers = new Map<string, Container>();
  const created: Record<string, unknown>[] = [];
  const waiting = new Set<http.ServerResponse>();
  const answer = async (request: http.IncomingMessage): Promise<[number, unknown?]> => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://docker');
    const [, kind = '', name = '', what = ''] = pathname.split('/').map(decodeURIComponent);
    const found = containers.get(name);
    if (kind === 'images') return [200, {}];
    if (name === 'create') {
      const body = (await json(request)) as Record<string, unknown>;
      created.push(body);
      const made = searchParams.get('name') ?? '';
      containers.set(made, { name: made, body, isRunning: false, networks: [] });
      return [201, { Id: made }];
    }
    if (name === 'json')
      return [200, [...containers.values()].map(({ body }) => ({ Labels: body['Labels'], State: 'running' }))];
    if (kind === 'networks') {
      if (of.connects?.() === false) return new Promise<never>(() => undefined);
      const { Container: to = '' } = (await json(request)) as { Container?: string };
      containers.get(to)?.networks.push(name);
      return [200];
    }
    if (found === undefined) return [404, { message: `No such container: ${name}` }];
    if (what === 'json') return [200, inspected(found, of.network ?? {})];
    if (what === 'start' && of.refuseStart !== undefined) return [500, { message: of.refuseStart }];
    if (what === 'start') found.isRunning = true;
    if (what === 'stop' || request.method === 'DELETE') found.isRunning = false;
    if (request.method === 'DELETE') containers.delete(name);
    return [204];
  };
  const listener = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    // They answer when the container ends.
    const [, name = ''] = /([^/]+)\/(wait|logs)$/.exec(new URL(request.url ?? '', 'http://docker').pathname) ?? [];
    if (name !== '') return containers.get(name)?.end ? void response.end() : void waiting.add(response);
    void answer(request).then(([status, said]) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(said === undefined ? undefined : JSON.stringify(said));
    });
  };
  const server = of.tls === undefined ? http.createServer(listener) : https.createServer(of.tls, listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...{ created, containers, address: `tcp://127.0.0.1:${port}` },
    /** All that runs ends by itself. */
    end(how: End) {
      for (const container of containers.values()) Object.assign(container, { isRunning: false, end: how });
      for (const response of waiting) response.end();
      waiting.clear();
    },
    /** The Engine itself ends; what it runs goes on. */
    async away() {
      waiting.clear();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    async back() {
      await once(server.listen(port, '127.0.0.1'), 'listening');
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function inspected(
  { name, body, isRunning, networks, end }: Container,
  network: { Networks?: object; Ports?: object },
): object {
  const further = Object.fromEntries(networks.map((one) => [one, {}]));
  return {
    Id: name,
    State: { Status: isRunning ? 'running' : end ? 'exited' : 'created', Running: isRunning, ExitCode: 0, ...end },
    Config: { Labels: body['Labels'], Env: body['Env'] },
    NetworkSettings: { ...network, Networks: { ...network.Networks, ...further } },
  };
}
